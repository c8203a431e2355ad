"""Physical therapy: referred or not, and when it begins."""

from datetime import date, datetime

from django.db import transaction

from pathway.models import Journey, JourneyEvent, TherapyReferral
from patients.models import Staff


@transaction.atomic
def record_referral(
    *, journey: Journey, is_referred: bool, first_visit_date: date | None, by: Staff, now: datetime
) -> TherapyReferral:
    """Write down whether the patient is referred to physical therapy, and the day of the first visit if it is known.

    Said again it stands anew. Raises `ValueError` for a day without a referral.
    """
    if first_visit_date is not None and not is_referred:
        raise ValueError("Take the day away, or say that the patient is referred.")
    Journey.objects.select_for_update(no_key=True).get(pk=journey.pk)
    referral, _ = TherapyReferral.objects.update_or_create(
        journey=journey,
        defaults={
            "is_referred": is_referred, "first_visit_date": first_visit_date, "decided_by": by, "decided_at": now,
        },
    )  # fmt: skip
    day = f", first visit {first_visit_date:%b} {first_visit_date.day}" if first_visit_date else ""
    JourneyEvent.objects.create(
        journey=journey, at=now, by=by, kind="therapy-referral", why=f"{referral}{day}",
        plan_version=journey.plan_version,
    )  # fmt: skip
    return referral
