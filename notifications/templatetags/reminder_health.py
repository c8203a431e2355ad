"""The banner and the line about reminders, for `base.html` and Today."""

from django import template

from notifications.views.health import alarm_context, line_context

register = template.Library()


@register.inclusion_tag("notifications/health/alarm.html")
def reminder_alarm() -> dict[str, object]:
    """The banner; see `notifications.views.health`."""
    return alarm_context()


@register.inclusion_tag("notifications/health/line.html")
def reminder_line() -> dict[str, object]:
    """The line; see `notifications.views.health`."""
    return line_context()
