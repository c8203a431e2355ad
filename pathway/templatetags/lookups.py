"""Looking into a mapping by a key that a template only knows as a variable."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def of_key(mapping: Mapping[object, object], key: object) -> object:
    """The value of `key`, or None."""
    return mapping.get(key)
