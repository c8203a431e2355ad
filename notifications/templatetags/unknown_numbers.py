"""The line on Today about messages from unknown numbers."""

from django import template
from django.template import RequestContext

from notifications.queries.strays import DANGER, unsettled_strays
from patients.queries.visible import signed_in

register = template.Library()


@register.inclusion_tag("notifications/strays/line.html", takes_context=True)
def stray_line(context: RequestContext) -> dict[str, object]:
    """How many wait for this person, and whether one names danger; nothing where none does."""
    whys = list(unsettled_strays(signed_in(context["request"].user)).values_list("why", flat=True)[:100])
    return {"waiting": len(whys), "danger": any(DANGER in why for why in whys)}
