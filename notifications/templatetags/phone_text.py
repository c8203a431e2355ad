"""A message's text as a phone shows it: our own links can be followed, nothing else becomes markup."""

import re

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def phone_text(body: str) -> SafeString:
    """The escaped text in which addresses of patients' own pages on `PUBLIC_URL` are links.

    Nobody else's address becomes one: what a patient writes to us is not for staff to click.
    """
    own = re.compile(rf"({re.escape(settings.PUBLIC_URL)}/(?:p/[A-Za-z0-9_-]+|stop/[a-f0-9]+\.[A-Za-z0-9_-]+))")
    parts = own.split(body)
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<a href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>', part) if odd else part,)
            for odd, part in ((index % 2, part) for index, part in enumerate(parts))
        ),
    )
