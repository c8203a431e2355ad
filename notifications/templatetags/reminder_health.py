"""The banner and the line about reminders, for `base.html` and Today."""

from django import template
from django.template import Context

from notifications.views.health import alarm_context, clinics_of, line_context

register = template.Library()


@register.inclusion_tag("notifications/health/alarm.html", takes_context=True)
def reminder_alarm(context: Context) -> dict[str, object]:
    """The banner; see `notifications.views.health`."""
    return alarm_context(clinics_of(context["request"]))


@register.inclusion_tag("notifications/health/line.html", takes_context=True)
def reminder_line(context: Context) -> dict[str, object]:
    """The line; see `notifications.views.health`."""
    return line_context(clinics_of(context["request"]))
