"""Messages that belong to nobody who could be named, as far as a person may see them."""

from django.db.models import Q, QuerySet

from notifications.models import StrayMessage
from patients.models import Role, Staff
from patients.queries.visible import visible_clinics

DANGER = "Danger:"
"""How the part of `why` begins that names signs of danger."""


def visible_strays(staff: Staff) -> QuerySet[StrayMessage]:
    """Those of this person's clinics; those of no clinic that is known are for the admins of any, never for nobody."""
    found = Q(clinic__in=visible_clinics(staff))
    if staff.is_active and staff.memberships.filter(role=Role.ADMIN).exists():
        found |= Q(clinic=None)
    return StrayMessage.objects.filter(found).select_related("clinic", "settled_by")


def unsettled_strays(staff: Staff) -> QuerySet[StrayMessage]:
    """Those that somebody still has to look at: the ones that name danger first, then by time."""
    waiting = visible_strays(staff).filter(settled_at=None)
    return waiting.alias(calm=~Q(why__contains=DANGER)).order_by("calm", "received_at", "pk")


def settled_strays(staff: Staff) -> QuerySet[StrayMessage]:
    """Those that were settled, the last first."""
    return visible_strays(staff).filter(settled_at__isnull=False).order_by("-settled_at", "-pk")
