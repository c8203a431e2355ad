"""Published protocols, read back."""

from functools import lru_cache

from pathway.models import ProtocolVersion
from pathway.planner.spec import Protocol
from pathway.protocol_file import load


def protocol_of(version: ProtocolVersion) -> Protocol:
    """What a published version says. Parsed once per process: a published version never changes."""
    return _parsed(version.pk, version.digest, version.source)


@lru_cache(maxsize=64)
def _parsed(pk: int, digest: str, source: str) -> Protocol:
    return load(source, name=f"protocol version {pk}")


def latest_version(key: str) -> ProtocolVersion | None:
    """The version of a protocol that was published last; None when none is."""
    return (
        ProtocolVersion.objects.filter(protocol__key=key)
        .select_related("protocol")
        .order_by("published_at", "pk")
        .last()
    )
