"""Ways to reach a patient. `settings.CHANNELS` names the class for each kind of contact point."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.module_loading import import_string

from notifications.channels.base import Channel


def configured_channels() -> Mapping[str, Channel]:
    """One channel for each kind of contact ("sms", "voice", "email"), as the settings name them."""
    return {kind: import_string(path)() for kind, path in settings.CHANNELS.items()}
