"""Who helps a patient: written down, changed, or taken out; and whether the patient agrees that they get copies."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from patients.actions.audit import record_change
from patients.models import Caregiver, Patient, Staff

CONSENT_WORDING = (
    "I agree that {caregiver} gets copies of the texts about my care. I can end this at any time, and so can they."
)


@dataclass(frozen=True, slots=True)
class ToldCaregiver:
    """What is told of a caregiver. `phone` is E.164 or empty; `agreed` says how the patient agreed to copies, if so."""

    name: str
    relation: str
    phone: str
    language: str
    agreed: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.relation})" if self.relation else self.name


@transaction.atomic
def keep_caregiver(
    *, patient: Patient, told: ToldCaregiver, stopped_at: datetime | None, by: Staff, now: datetime
) -> str:
    """Write down who helps a patient; what that changed, in words without any name, empty when nothing.

    A consent is for one person at one number, and recorded with its wording, source, moment (`now`) and who wrote it
    down: anew when any of these is new, and gone when the patient does not agree any more. `stopped_at` (UTC) is when
    whoever has this number asked for no more copies: a stop outlives the person's removal.
    """
    Patient.objects.select_for_update().get(pk=patient.pk)  # two who add somebody at once do it one after the other
    known = Caregiver.objects.filter(patient=patient).first()
    before = known or Caregiver(patient=patient)
    same_person = (before.name, before.relation, _number(before)) == (told.name, told.relation, told.phone)
    consented = before.consented_at is not None
    changes = [] if known and same_person and before.language == told.language else ["changed" if known else "added"]
    kept = Caregiver(
        pk=before.pk, patient=patient, name=told.name, relation=told.relation, phone=told.phone,
        language=told.language, stopped_at=before.stopped_at if _number(before) == told.phone else stopped_at,
    )  # fmt: skip
    if told.agreed and consented and same_person and told.agreed == before.consent_source:
        kept.consented_at, kept.consent_by = before.consented_at, before.consent_by
        kept.consent_wording, kept.consent_source = before.consent_wording, before.consent_source
    elif told.agreed:
        kept.consented_at, kept.consent_by, kept.consent_source = now, by, told.agreed
        kept.consent_wording = CONSENT_WORDING.format(caregiver=told)
        changes.append("copies agreed to")
    elif consented:
        changes.append("copies not agreed to any more")
    if not changes:
        return ""
    kept.save()
    what = ", ".join(changes)
    record_change(patient=patient, what=f"caregiver: {what}", by=by, now=now)
    return what


@transaction.atomic
def remove_caregiver(*, patient: Patient, by: Staff, now: datetime) -> bool:
    """Take out who helps a patient, and with them the consent; False when there was nobody."""
    removed, _ = Caregiver.objects.filter(patient=patient).delete()
    if removed:
        record_change(patient=patient, what="caregiver: removed", by=by, now=now)
    return bool(removed)


def _number(caregiver: Caregiver) -> str:
    return caregiver.phone.as_e164 if caregiver.phone else ""
