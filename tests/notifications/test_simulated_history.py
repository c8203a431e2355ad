"""The demo's history: people at every stage, work for the staff, and messages that go out while one watches."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import authenticate

from notifications.channels.outbox import OutboxChannel
from notifications.dispatcher import drain
from notifications.models import Message, OutboxEntry
from notifications.simulator.history import UnfinishedDemo, make_demo, zone_at_work
from notifications.simulator.throwaway import throwaway_database
from pathway.actions.links import token_hash
from pathway.models import Journey, MedicationHold, PatientLink, Reminder, WorkItem
from pathway.states import REMINDER_PENDING, ReminderState
from patients.models import Clinic, ContactKind, ContactPoint, Patient, Staff

pytestmark = pytest.mark.embedded

NOW = datetime(2027, 3, 3, 15, 12, 40, tzinfo=UTC)  # a Wednesday, 10:12 in New York


@pytest.fixture(scope="module")
def demo(django_db_blocker):
    """A demo that many tests look at and none changes, in a database of its own."""
    with django_db_blocker.unblock(), throwaway_database():
        yield make_demo(now=NOW, journeys=24, seed=1)


@pytest.fixture
def own_demo(transactional_db):
    """A small demo in the test's database."""
    return make_demo(now=NOW, journeys=3, seed=1)


def test_every_screen_has_something_to_show(demo):
    states = set(Journey.objects.values_list("state", flat=True))
    assert {"consult", "scheduled", "discharged", "followed-up", "cancelled"} <= states
    assert {"open", "claimed", "snoozed", "resolved"} == set(WorkItem.objects.values_list("state", flat=True))
    assert {"drafted", "approved"} <= set(MedicationHold.objects.values_list("state", flat=True))
    assert set(Patient.objects.values_list("language", flat=True)) == {"en", "es"}
    assert Patient.objects.filter(stopped_at__isnull=False).exists()
    assert Message.objects.count() > 100
    assert OutboxEntry.objects.count() == Message.objects.filter(state="sent").count()
    days = {day: Journey.objects.filter(milestones__key="procedure", milestones__at__date=day).count()
            for day in (NOW.date(), NOW.date() + timedelta(days=1))}  # fmt: skip
    assert min(days.values()) >= 1


def test_nothing_lies_in_the_future_and_nothing_due_was_left_behind(demo):
    assert not Message.objects.filter(created_at__gt=NOW).exists()
    assert not WorkItem.objects.filter(resolved_at__gt=NOW).exists()
    assert not Reminder.objects.filter(state__in=REMINDER_PENDING, run_at__lt=NOW - timedelta(seconds=5)).exists()


def test_the_three_logins_work_and_the_link_opens_tomorrows_patient(demo):
    for login in demo.logins:
        assert authenticate(username=login.username, password=login.password) is not None
    journey = PatientLink.objects.get(token_hash=token_hash(demo.token)).journey
    assert journey.patient.birth_date == demo.birth_date
    assert journey.patient.name == demo.patient
    procedure = journey.milestones.get(key="procedure").at
    assert procedure.astimezone(journey.clinic.tz).date() == NOW.astimezone(journey.clinic.tz).date() + timedelta(
        days=1
    )
    assert {hold.state for hold in journey.holds.all()} <= {"approved", "released", "acknowledged", "stopped"}


def test_nobody_real_can_be_reached(demo):
    for contact in ContactPoint.objects.all():
        assert contact.email.endswith("@example.org") or contact.phone.as_e164[-7:-2] == "55501"


def test_told_reminders_are_in_the_outbox(demo):
    assert Reminder.objects.filter(state=ReminderState.SENT).count() == OutboxEntry.objects.count()


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("month", [1, 7])
def test_at_any_hour_there_is_a_clinic_at_work(hour, month):
    now = datetime(2027, month, 5, hour, 30, tzinfo=UTC)
    assert 8 <= now.astimezone(zone_at_work(now)).hour < 19


def test_the_clinic_is_on_the_mainland_whenever_it_is_day_there():
    midnight = datetime(2027, 7, 5, 0, 30, tzinfo=UTC)
    zones = {zone_at_work(midnight + timedelta(hours=hour)).key for hour in range(12, 26)}
    assert zones <= {"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"}


@pytest.mark.parametrize(
    ("now", "zone"),
    [
        (datetime(2027, 7, 5, 12, 5, tzinfo=UTC), "America/New_York"),  # 8:05 there
        (datetime(2027, 7, 6, 1, 40, tzinfo=UTC), "America/Los_Angeles"),  # 18:40 there
    ],
)
def test_in_the_first_and_the_last_hour_messages_go_out(now: datetime, zone: str, transactional_db):
    demo = make_demo(now=now, journeys=3, seed=1)
    assert demo.zone == zone
    assert demo.counts["messages in the next ten minutes"] >= 5


def test_messages_go_out_in_the_next_minutes(own_demo):
    def sent_within(minutes: int) -> int:
        clock = NOW + timedelta(minutes=minutes)
        return drain(clock=lambda: clock, channels={kind.value: OutboxChannel() for kind in ContactKind}).sent

    assert sent_within(1) >= 3
    assert sent_within(5) >= 2
    assert sent_within(10) >= 2


def test_a_second_call_finds_the_demo(own_demo):
    again = make_demo(now=NOW + timedelta(hours=1), journeys=3, seed=1)

    assert (again.clinic, again.patient, again.made_at) == (own_demo.clinic, own_demo.patient, own_demo.made_at)
    assert again.counts["journeys"] == own_demo.counts["journeys"]
    assert Clinic.objects.count() == 1
    assert PatientLink.objects.filter(token_hash=token_hash(again.token)).exists()


def test_a_demo_that_was_broken_off_says_so(own_demo):
    nurse = Staff.objects.get(username="nurse")
    nurse.set_unusable_password()
    nurse.save()
    with pytest.raises(UnfinishedDemo, match="broken off"):
        make_demo(now=NOW)
