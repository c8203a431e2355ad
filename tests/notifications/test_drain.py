"""From a due row to a message in the outbox, and what may stand in the way."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import DeliveryAttempt, Message, OutboxEntry
from pathway.models import JourneyEvent, MedicationHold, Milestone, MilestoneStatus, WorkItem
from patients.models import ContactKind, ContactPoint
from tests.builders import NOW, make_clinic, make_patient, make_staff
from tests.notifications.due import drain_at, make_bare_journey, make_due

pytestmark = pytest.mark.django_db


def hold_reminder(journey, **fields):
    """The text that says a medicine plan is ready."""
    return make_due(
        journey,
        **{
            "base_key": "medication-plan/ready/apixaban",
            "text": "plan-ready",
            "needs_booked": "",
            "says": {},
            **fields,
        },
    )


def the_item(reminder):
    """The one work item of a reminder's journey."""
    return WorkItem.objects.get(journey=reminder.journey)


def test_a_due_reminder_is_sent_once_in_the_words_of_the_protocol():
    reminder = make_due()
    drained = drain_at(NOW)
    assert (drained.claimed, drained.sent) == (1, 1)
    assert drain_at(NOW).claimed == 0
    entry = OutboxEntry.objects.get()
    clinic = reminder.journey.clinic
    assert entry.body.startswith(f"{clinic.name}: Your procedure is Thu, Mar 11.")
    assert entry.body.endswith(clinic.phone.as_national)
    assert entry.address == reminder.journey.patient.contacts.get().phone.as_e164
    reminder.refresh_from_db()
    assert (reminder.state, reminder.sent_at, reminder.claim_token) == ("sent", NOW, None)


def test_the_message_and_its_offer_are_recorded_with_the_outbox_reference():
    reminder = make_due()
    drain_at(NOW)
    message = Message.objects.get(reminder=reminder)
    assert (message.pk, message.state, message.sent_at) == (OutboxEntry.objects.get().reference, "sent", NOW)
    assert message.offered_at == NOW
    assert not DeliveryAttempt.objects.exists()  # an offer that is taken needs no row of its own


def test_a_reminder_that_is_not_due_yet_is_left_alone():
    make_due(send_at=NOW + timedelta(seconds=1))
    assert drain_at(NOW).claimed == 0


def test_a_spanish_patient_reads_spanish():
    make_due(make_bare_journey(make_patient(language="es")))
    drain_at(NOW)
    assert "Su procedimiento es el jue 11 mar" in OutboxEntry.objects.get().body


def test_a_text_with_a_link_gets_one_that_opens_this_journey():
    journey = make_bare_journey()
    sign_hold(journey)
    hold_reminder(journey)
    drain_at(NOW)
    assert journey.links.count() == 1
    assert "/p/" in OutboxEntry.objects.get().body


def test_a_text_without_a_link_issues_none():
    reminder = make_due()
    drain_at(NOW)
    assert reminder.journey.links.count() == 0


def test_an_email_has_a_subject_line_and_a_text_has_none():
    patient = make_patient()
    patient.contacts.all().delete()
    ContactPoint.objects.create(patient=patient, kind=ContactKind.EMAIL, email="alma@example.org")
    make_due(make_bare_journey(patient))
    drain_at(NOW)
    entry = OutboxEntry.objects.get()
    assert (entry.channel, entry.subject) == ("email", f"A message from {patient.clinic.name}")


def test_a_reminder_past_its_usefulness_is_missed_and_a_person_is_told():
    reminder = make_due(useful_until=NOW)
    assert drain_at(NOW).missed == 1
    reminder.refresh_from_db()
    assert (reminder.state, OutboxEntry.objects.count()) == ("missed", 0)
    assert "no longer of use" in reminder.reason
    item = the_item(reminder)
    assert item.kind == "missed-message"
    assert item.say.startswith("Ask who takes the patient home")
    assert JourneyEvent.objects.filter(journey=reminder.journey, kind="reminder-not-sent").count() == 1


def test_missed_rows_at_the_head_of_the_queue_do_not_hold_up_the_rest():
    for _ in range(3):
        make_due(send_at=NOW - timedelta(days=3))
    make_due()
    drained = drain_at(NOW, limit=2)
    assert (drained.missed, drained.sent) == (3, 1)


@pytest.mark.parametrize("state", ["cancelled", "completed", "withdrawn", "not-a-candidate"])
def test_an_ended_journey_gets_no_message_and_no_task(state):
    reminder = make_due(make_bare_journey(state=state))
    assert drain_at(NOW).withdrawn == 1
    reminder.refresh_from_db()
    assert reminder.state == "withdrawn"
    assert "ended" in reminder.reason
    assert not WorkItem.objects.exists()


def test_a_cancelled_journey_still_tells_that_it_is_cancelled():
    make_due(make_bare_journey(state="cancelled"), text="cancelled", says={}, needs_booked="")
    assert drain_at(NOW).sent == 1


def test_a_visit_that_nobody_booked_becomes_a_task_to_book_it():
    journey = make_bare_journey()
    Milestone.objects.create(
        journey=journey, key="follow-up-weeks", at=NOW + timedelta(days=3), status=MilestoneStatus.EXPECTED
    )
    fields = {"base_key": "follow-up-weeks/three-days-before", "text": "few-weeks", "needs_booked": "follow-up-weeks"}
    reminder = make_due(journey, **fields)
    assert drain_at(NOW).missed == 1
    reminder.refresh_from_db()
    assert reminder.reason == "Nobody has booked a time for it."
    assert the_item(reminder).kind == "book-visit"


def test_without_consent_nothing_is_sent_and_somebody_phones():
    reminder = make_due(make_bare_journey(make_patient(consent=False)))
    assert drain_at(NOW).missed == 1
    assert "has not agreed" in the_item(reminder).why


def test_a_revoked_consent_is_no_consent():
    patient = make_patient()
    patient.consents.update(revoked_at=NOW)
    reminder = make_due(make_bare_journey(patient))
    assert drain_at(NOW).missed == 1
    assert "has not agreed" in the_item(reminder).why


def test_a_patient_who_stopped_gets_a_phone_call_instead():
    reminder = make_due(make_bare_journey(make_patient(stopped_at=NOW - timedelta(days=1))))
    assert drain_at(NOW).missed == 1
    assert the_item(reminder).why == "Call: the text “Your ride home” was not sent. The patient stopped the messages."
    assert "stopped" in the_item(reminder).why


def test_an_opted_out_or_undeliverable_contact_is_passed_over():
    patient = make_patient()
    patient.contacts.update(opted_out_at=NOW)
    ContactPoint.objects.create(patient=patient, kind="sms", phone="+12025550101", rank=2, undeliverable_at=NOW)
    ContactPoint.objects.create(patient=patient, kind="voice", phone="+12025550102", rank=3)
    make_due(make_bare_journey(patient))
    drain_at(NOW)
    assert OutboxEntry.objects.get().address == "+12025550102"


def test_a_number_that_changed_while_a_text_waited_gets_it():
    reminder = make_due()
    reminder.journey.patient.contacts.update(phone="+12025550188")
    drain_at(NOW)
    assert OutboxEntry.objects.get().address == "+12025550188"


def test_without_any_usable_contact_somebody_phones():
    patient = make_patient()
    patient.contacts.update(undeliverable_at=NOW)
    reminder = make_due(make_bare_journey(patient))
    assert drain_at(NOW).missed == 1
    assert "No phone number or address is left" in the_item(reminder).why


def test_a_safety_message_that_cannot_go_out_is_urgent():
    reminder = make_due(make_bare_journey(make_patient(consent=False)), safety=True)
    drain_at(NOW)
    assert the_item(reminder).priority == 1


AT_NIGHT = NOW.replace(hour=4)  # 23:00 the evening before in New York


def test_at_night_a_reminder_that_may_wait_waits_for_the_next_opening():
    reminder = make_due(send_at=AT_NIGHT, waits_for_window=True)
    assert drain_at(AT_NIGHT).waiting == 1
    reminder.refresh_from_db()
    assert (reminder.state, reminder.run_at) == ("planned", NOW.replace(hour=13))  # 8:00 in New York
    assert reminder.send_at == AT_NIGHT
    assert drain_at(NOW.replace(hour=13)).sent == 1


def test_at_night_a_reminder_that_may_not_wait_becomes_a_call():
    reminder = make_due(send_at=AT_NIGHT)
    assert drain_at(AT_NIGHT).missed == 1
    assert "outside the sending hours" in the_item(reminder).why


def test_at_night_a_reminder_that_would_be_useless_by_morning_becomes_a_call():
    make_due(send_at=AT_NIGHT, waits_for_window=True, useful_until=NOW.replace(hour=13))
    assert drain_at(AT_NIGHT).missed == 1


def test_the_window_is_on_the_patients_own_clock():
    patient = make_patient(zone="America/Los_Angeles")
    make_due(make_bare_journey(patient), waits_for_window=True)
    assert drain_at(NOW).waiting == 1  # 7:00 in Los Angeles
    assert drain_at(NOW + timedelta(hours=1)).sent == 1


def test_a_clinic_may_narrow_the_window():
    clinic = make_clinic(window_opens="11:00")
    make_due(make_bare_journey(make_patient(clinic)), waits_for_window=True)
    assert drain_at(NOW).waiting == 1
    assert drain_at(NOW + timedelta(hours=1)).sent == 1


def sign_hold(journey, *, state="approved", drug="apixaban"):
    """A hold with a prescriber's name under it."""
    prescriber = make_staff(journey.clinic, "prescriber")
    return MedicationHold.objects.create(
        journey=journey,
        drug=drug,
        duration="P3D",
        state=state,
        drafted_at=NOW,
        signed_by=prescriber,
        signed_at=NOW,
        dangers_version="1",
    )


def test_a_medicine_text_needs_a_hold_that_is_signed_at_that_moment():
    journey = make_bare_journey()
    MedicationHold.objects.create(journey=journey, drug="apixaban", duration="P3D", drafted_at=NOW)
    reminder = hold_reminder(journey)
    assert drain_at(NOW).withdrawn == 1
    reminder.refresh_from_db()
    assert reminder.state == "withdrawn"
    assert "No signed medicine plan" in the_item(reminder).why
    assert not OutboxEntry.objects.exists()


def test_a_hold_that_was_signed_and_then_declined_sends_nothing():
    journey = make_bare_journey()
    sign_hold(journey, state="declined")
    hold_reminder(journey)
    assert drain_at(NOW).withdrawn == 1


def test_a_signed_hold_of_one_drug_does_not_speak_for_another():
    journey = make_bare_journey()
    sign_hold(journey, drug="warfarin")
    hold_reminder(journey)
    assert drain_at(NOW).withdrawn == 1


def test_a_signed_hold_lets_its_text_go_out():
    journey = make_bare_journey()
    sign_hold(journey)
    hold_reminder(journey)
    assert drain_at(NOW).sent == 1


def test_that_a_medicine_plan_is_paused_is_told_without_any_signed_hold():
    journey = make_bare_journey()
    sign_hold(journey, state="declined")
    hold_reminder(journey, base_key="medication-plan/ready/apixaban/cancelled", text="plan-paused")
    assert drain_at(NOW).sent == 1


def test_new_dates_of_a_medicine_plan_need_a_signed_hold():
    journey = make_bare_journey()
    hold_reminder(journey, base_key="medication-plan/ready/apixaban/correction", text="plan-changed")
    assert drain_at(NOW).withdrawn == 1


def test_a_text_that_cannot_be_worded_stops_nobody_else():
    broken = make_due(says={})
    make_due()
    drained = drain_at(NOW)
    assert (drained.sent, drained.missed) == (1, 1)
    assert "could not be worded" in the_item(broken).why


def test_a_batch_takes_the_same_number_of_queries_whatever_its_size():
    make_due()
    drain_at(NOW)  # reads the protocol, once for the process
    counts = []
    for size in (3, 30):
        for _ in range(size):
            make_due()
        with CaptureQueriesContext(connection) as queries:
            assert drain_at(NOW).sent == size
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 45


def test_nothing_is_claimed_for_a_moment_that_has_not_come():
    make_due(send_at=timezone.now() + timedelta(days=900))
    assert drain_at(NOW).claimed == 0
