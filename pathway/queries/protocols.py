"""Published protocols, read back."""

from pathway.models import ProtocolVersion
from pathway.planner.spec import Protocol
from pathway.protocol_file import load

PARSED: dict[tuple[int, str], Protocol] = {}
"""Every version this process has read, by primary key and digest. There are few, and none ever changes."""


def protocol_of(version: ProtocolVersion) -> Protocol:
    """What a published version says. Its `source` may be deferred: it is read from the database once per process."""
    key = (version.pk, version.digest)
    if key not in PARSED:
        PARSED[key] = load(version.source, name=f"protocol version {version.pk}", published=True)
    return PARSED[key]


def latest_version(key: str) -> ProtocolVersion | None:
    """The version of a protocol that was published last; None when none is."""
    return (
        ProtocolVersion.objects.filter(protocol__key=key)
        .select_related("protocol")
        .order_by("published_at", "pk")
        .last()
    )
