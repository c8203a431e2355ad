"""One row that cannot be read, worded or settled: it goes to a person, and everybody else's message goes out."""

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError

from notifications.channels.base import Receipt
from notifications.channels.outbox import OutboxChannel
from notifications.dispatcher import LEASE, drain
from notifications.models import Message, OutboxEntry
from pathway.models import Journey, ProtocolVersion, Reminder
from patients.models import Clinic, Patient
from tests.builders import NOW, make_clinic, make_patient
from tests.notifications.due import ScriptedChannel, drain_at, make_bare_journey, make_due

pytestmark = pytest.mark.django_db


def told_an_impossible_day(reminder):
    Reminder.objects.filter(pk=reminder.pk).update(says={"day": "2027-99-99"})


def in_a_zone_nobody_knows(reminder):
    Patient.objects.filter(pk=reminder.journey.patient_id).update(zone="US/Pacific-New")


def pinned_to_a_protocol_that_no_longer_loads(reminder):
    pinned = reminder.journey.protocol_version
    old = ProtocolVersion.objects.create(
        protocol=pinned.protocol,
        version="0-old",
        source=pinned.source.replace("min_gap =", "min_gapp ="),
        digest="0" * 64,
        published_at=pinned.published_at,
    )
    Journey.objects.filter(pk=reminder.journey_id).update(protocol_version=old)


def of_a_clinic_without_a_phone(reminder):
    Clinic.objects.filter(pk=reminder.journey.clinic_id).update(phone="")


UNFIT = [
    told_an_impossible_day,
    in_a_zone_nobody_knows,
    pinned_to_a_protocol_that_no_longer_loads,
    of_a_clinic_without_a_phone,
]


def make_unfit(spoil, **fields):
    """A due reminder of a clinic of its own, spoilt."""
    reminder = make_due(make_bare_journey(make_patient(make_clinic(name="Elm Clinic"))), **fields)
    spoil(reminder)
    return reminder


@pytest.mark.parametrize("spoil", UNFIT)
def test_a_row_that_cannot_be_prepared_goes_to_a_person_and_the_others_go_out(spoil, caplog):
    unfit = make_unfit(spoil)
    others = [make_due() for _ in range(3)]
    with caplog.at_level(logging.DEBUG, logger="notifications"):
        drained = drain_at(NOW)
    assert (drained.sent, drained.missed) == (3, 1)
    unfit.refresh_from_db()
    assert (unfit.state, unfit.claim_token) == ("missed", None)
    assert unfit.journey.work_items.get().why.startswith("Call: the text ")
    assert {one.journey.work_items.count() for one in others} == {0}
    assert not drain_at(NOW).claimed
    assert "2027-99-99" not in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("spoil", UNFIT)
def test_a_late_row_that_cannot_be_read_does_not_undo_the_claim_of_the_others(spoil):
    unfit = make_unfit(spoil, useful_until=NOW)
    make_due()
    drained = drain_at(NOW)
    assert (drained.sent, drained.missed) == (1, 1)
    unfit.refresh_from_db()
    assert unfit.state == "missed"
    assert unfit.journey.work_items.count() == 1


@pytest.mark.parametrize("spoil", UNFIT)
def test_an_overtaken_row_that_cannot_be_read_stops_nobody(spoil):
    unfit = make_unfit(spoil)
    Journey.objects.filter(pk=unfit.journey_id).update(plan_version=7)
    other = make_due()
    drain_at(NOW)
    other.refresh_from_db()
    assert other.state == "sent"
    assert not Reminder.objects.filter(state="claimed").exists()


def test_the_task_for_a_protocol_that_cannot_be_read_is_in_plain_words():
    unfit = make_unfit(pinned_to_a_protocol_that_no_longer_loads, safety=True)
    drain_at(NOW)
    item = unfit.journey.work_items.get()
    assert item.why == (
        "Call: the text “ride” was not sent, and what it says cannot be read. "
        "What it needs to know cannot be read (ProtocolError)."
    )
    assert (item.kind, item.priority, item.due_at) == ("missed-message", 1, NOW + timedelta(hours=1))


def test_a_clinic_without_a_phone_still_sends_the_texts_that_do_not_tell_it(monkeypatch):
    make_unfit(of_a_clinic_without_a_phone)
    monkeypatch.setattr("notifications.rendering.in_language", lambda *_: "{clinic}: your procedure is {day}.")
    assert drain_at(NOW).sent == 1
    assert OutboxEntry.objects.get().body == "Elm Clinic: your procedure is Thu, Mar 11."


@pytest.mark.parametrize("spoil", UNFIT)
def test_an_unknown_row_that_cannot_be_read_is_settled_all_the_same(spoil):
    unfit = make_due(make_bare_journey(make_patient(make_clinic(name="Elm Clinic"))))
    lost = ScriptedChannel(TimeoutError())
    assert drain_at(NOW, channels={"sms": lost}).unknown == 1
    spoil(unfit)
    make_due()
    drained = drain_at(NOW + timedelta(days=2), channels={"sms": lost})
    assert (drained.settled, drained.missed) == (1, 1)
    unfit.refresh_from_db()
    assert unfit.state == "missed"
    assert unfit.journey.work_items.count() == 1


def test_a_row_on_which_settling_breaks_goes_to_a_person_and_the_others_are_settled():
    first, second = make_due(), make_due()
    drain_at(NOW, channels={"sms": ScriptedChannel(TimeoutError(), TimeoutError())})
    oldest = Message.objects.get(reminder=first).pk

    class Odd(OutboxChannel):
        @property
        def honours_reference(self):
            raise RuntimeError

        def look_up(self, sought):
            return object() if sought.reference == oldest else None

    drained = drain_at(NOW + LEASE, channels={"sms": Odd()})
    assert (drained.settled, drained.sent) == (2, 1)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("unknown", "sent")
    assert "finding out failed (RuntimeError)" in first.journey.work_items.get().why


@pytest.mark.parametrize("answers", [[Receipt(NOW, "r" * 500)], [TimeoutError()]])
def test_a_provider_with_an_endless_reference_does_not_hold_up_its_group(answers):
    make_due()
    make_due()
    sms = ScriptedChannel(*answers)
    sms.evidence = lambda _: Receipt(NOW, "r" * 500)
    drain_at(NOW, channels={"sms": sms})
    drain_at(NOW + LEASE, channels={"sms": sms})
    assert set(Reminder.objects.values_list("state", flat=True)) == {"sent"}
    assert set(Message.objects.values_list("provider_reference", flat=True)) == {"", "r" * 80}


def test_an_endless_subject_is_cut_and_does_not_hold_up_its_group(monkeypatch):
    reminder = make_due()
    reminder.journey.patient.contacts.update(kind="email", phone="", email="r@example.org")
    monkeypatch.setattr("notifications.rendering.in_language", lambda *_: "word " * 100)
    make_due()
    assert drain_at(NOW).sent == 2
    assert Message.objects.get(channel="email").subject == "word " * 40


def test_no_row_is_given_up_because_the_database_is_away(monkeypatch):
    reminder = make_due()

    def away(*_, **__):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("notifications.dispatcher.recheck.published_protocol", away)
    with pytest.raises(OperationalError):
        drain(clock=lambda: NOW)
    reminder.refresh_from_db()
    assert (reminder.state, reminder.claim_token) == ("planned", None)
