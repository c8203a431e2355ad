"""Publishing a protocol: from then on its text never changes."""

import hashlib
from datetime import datetime

from django.db import transaction

from pathway.models import Protocol, ProtocolVersion
from pathway.protocol_file import load
from patients.models import Staff


class PublishError(Exception):
    """A text that cannot be published under its version; `str()` says what to change."""


def publish_protocol(*, source: str, by: Staff | None, now: datetime) -> ProtocolVersion:
    """The published version of this text; made if it is new, the same row if it was published before.

    Raises `ProtocolError` for a text with findings and `PublishError` when its version is taken by another text.
    """
    spec = load(source, name="protocol")
    digest = hashlib.sha256(source.encode()).hexdigest()
    with transaction.atomic():
        protocol, _ = Protocol.objects.get_or_create(key=spec.key, defaults={"title": spec.title})
        version, _ = ProtocolVersion.objects.get_or_create(
            protocol=protocol,
            version=spec.version,
            defaults={"source": source, "digest": digest, "published_at": now, "published_by": by},
        )
        if version.digest != digest:
            raise PublishError(
                f"version {spec.version} of {spec.key} is published with another text: "
                "published versions never change, so count the version up"
            )
        if protocol.title != spec.title:
            Protocol.objects.filter(pk=protocol.pk).update(title=spec.title)
    return version
