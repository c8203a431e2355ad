"""How long something takes or is left, in the fewest words."""

from datetime import timedelta

from django import template

register = template.Library()


@register.filter
def time_left(left: timedelta) -> str:
    """`42 min`, `2 h`, `2 h 10`, `18 h`, `3 d`; overdue: `18 min late`."""
    minutes = int(abs(left).total_seconds()) // 60
    if minutes < 60:
        words = f"{minutes} min"
    elif 10 * 60 <= minutes < 24 * 60:
        words = f"{minutes // 60} h"
    elif minutes < 24 * 60:
        words = f"{minutes // 60} h {minutes % 60:02}".removesuffix(" 00")
    else:
        words = f"{minutes // (24 * 60)} d"
    return f"{words} late" if left < timedelta(0) else words


@register.filter
def time_ago(age: timedelta) -> str:
    """`4 s ago`, `12 min ago`, `3 h 05 ago`, `2 d ago`."""
    seconds = int(age.total_seconds())
    return f"{seconds} s ago" if seconds < 60 else f"{time_left(age)} ago"
