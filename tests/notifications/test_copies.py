"""Copies to caregivers: only with the patient's consent, in the caregiver's language, and naming nobody."""

from datetime import timedelta

import pytest

from notifications.models import Recipient
from notifications.rendering import LINK_MARK, recipient_of, render
from pathway.actions.copies import copy_to_caregivers
from pathway.models import Reminder
from pathway.wording import segments
from patients.models import Caregiver, ContactKind, Patient
from tests.builders import NOW, make_patient
from tests.notifications.due import make_bare_journey, make_due

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def helped(**fields) -> Patient:
    """A patient whose daughter gets copies."""
    patient = make_patient()
    Caregiver.objects.create(
        patient=patient,
        **{"name": "Lucía", "phone": "+12025550199", "language": "es", "consented_at": NOW - DAY, **fields},
    )
    return patient


def sent(patient: Patient, **fields) -> Reminder:
    return make_due(make_bare_journey(patient), **{"state": "sent", "sent_at": NOW, **fields})


def test_what_the_patient_was_sent_is_queued_for_the_caregiver_once():
    original = sent(helped())
    assert copy_to_caregivers(sent=[original.pk], now=NOW) == 1
    copy_to_caregivers(sent=[original.pk], now=NOW)
    copy = Reminder.objects.get(origin="copy")
    assert (copy.key, copy.base_key, copy.follows) == (f"{original.key}/copy", original.base_key, original)
    assert (copy.run_at, copy.useful_until, copy.says) == (NOW, original.useful_until, original.says)
    assert (copy.state, copy.needs_booked, copy.waits_for_window) == ("planned", "procedure", True)
    assert copy_to_caregivers(sent=[copy.pk], now=NOW) == 0, "a copy is not copied"


def test_where_nobody_has_a_caregiver_it_costs_one_read(django_assert_num_queries):
    rows = [sent(make_patient()).pk for _ in range(3)]
    with django_assert_num_queries(1):
        assert copy_to_caregivers(sent=rows, now=NOW) == 0
    with django_assert_num_queries(0):
        assert copy_to_caregivers(sent=[], now=NOW) == 0


@pytest.mark.parametrize("state", ["unknown", "failed", "missed"])
def test_what_may_not_have_reached_the_patient_reaches_the_caregiver(state):
    assert copy_to_caregivers(sent=[sent(helped(), state=state).pk], now=NOW) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"consented_at": None},
        {"consented_at": NOW + DAY},
        {"stopped_at": NOW},
        {"phone": ""},
    ],
)
def test_a_caregiver_who_may_not_be_told_is_not(fields):
    assert copy_to_caregivers(sent=[sent(helped(**fields)).pk], now=NOW) == 0


@pytest.mark.parametrize(
    "fields",
    [{"state": "planned"}, {"state": "withdrawn"}, {"useful_until": NOW}, {"origin": "again"}, {"origin": "answer"}],
)
def test_only_what_the_plan_sent_and_is_of_use_is_copied(fields):
    assert copy_to_caregivers(sent=[sent(helped(), **fields).pk], now=NOW) == 0


def test_what_was_replaced_is_not_copied():
    original = sent(helped())
    Reminder.objects.filter(pk=original.pk).update(superseded_by=make_due(original.journey))
    assert copy_to_caregivers(sent=[original.pk], now=NOW) == 0


def test_a_patient_who_stopped_the_messages_stopped_the_copies_too():
    patient = helped()
    Patient.objects.update(stopped_at=NOW)
    assert copy_to_caregivers(sent=[sent(patient).pk], now=NOW) == 0


def test_a_copy_is_in_the_caregivers_language_says_what_it_is_and_asks_for_no_answer():
    original = sent(helped())
    copy_to_caregivers(sent=[original.pk], now=NOW)
    copy = Reminder.objects.get(origin="copy")
    assert (recipient_of(original.origin), recipient_of(copy.origin)) == (Recipient.PATIENT, Recipient.CAREGIVER)
    words = render(copy, kind=ContactKind.SMS)
    assert words.language == "es"
    assert words.body.startswith("Copia para quien ayuda. Solo responde el paciente. Oak Clinic")
    assert "Alma" not in words.body
    assert "Ruiz" not in words.body
    cost = segments(words.body)
    assert (cost.encoding, cost.count) == ("GSM-7", 2)
    assert render(original, kind=ContactKind.SMS).body.startswith("Oak Clinic")


def test_a_copy_of_a_text_that_asks_nothing_says_no_more_than_that_it_is_one():
    key = "medication-plan/ready/apixaban/correction"
    row = sent(helped(language="en"), text="plan-changed", base_key=key, says={})
    copy_to_caregivers(sent=[row.pk], now=NOW)
    words = render(Reminder.objects.get(origin="copy"), kind=ContactKind.SMS)
    assert words.body.startswith("Copy for you as a helper. Oak Clinic")
    assert LINK_MARK in words.body, "the plan itself stands behind the link and the birth date, as for the patient"
