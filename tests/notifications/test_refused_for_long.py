"""A provider that goes on refusing for now: another way is tried in time, and a nurse hears while she can still act."""

from datetime import timedelta

import pytest

from notifications.channels.base import ChannelError, Refusal
from pathway.models import WorkItem
from patients.models import ContactPoint
from tests.builders import NOW, make_staff
from tests.notifications.coming_back import says
from tests.notifications.due import ScriptedChannel, drain_at, make_bare_journey, make_due
from tests.notifications.refused import WRONG_PASSWORD

pytestmark = pytest.mark.django_db

BUSY = ChannelError(code="20429", message="slow down", what=Refusal.RATE_LIMITED)


def run(minutes: int, *, since: int = 0, **channels: ScriptedChannel) -> int | None:
    """Send every five minutes from `since`; the first minute at which a person has something to do."""
    for minute in range(since, minutes + 1, 5):
        drain_at(NOW + timedelta(minutes=minute), channels=channels)
        if WorkItem.objects.filter(state="open").exists():
            return minute
    return None


@pytest.mark.parametrize("refusal", [WRONG_PASSWORD, BUSY])
def test_a_text_refused_for_an_hour_is_read_to_the_patient_by_phone(refusal):
    reminder = make_due(safety=True, useful_until=NOW + timedelta(hours=6))
    ContactPoint.objects.create(patient=reminder.journey.patient, kind="voice", phone="+12025550188", rank=2)
    sms, voice = ScriptedChannel(*[refusal] * 50), ScriptedChannel()
    assert run(90, sms=sms, voice=voice) is None
    assert (len(sms.offered), len(voice.offered)) == (6, 1)


def test_a_text_that_is_soon_of_no_use_goes_the_next_way_before_its_tries_are_used_up():
    reminder = make_due(useful_until=NOW + timedelta(minutes=20))
    ContactPoint.objects.create(patient=reminder.journey.patient, kind="voice", phone="+12025550188", rank=2)
    voice = ScriptedChannel()
    run(15, sms=ScriptedChannel(*[BUSY] * 50), voice=voice)
    assert len(voice.offered) == 1


def test_the_nurse_hears_once_while_two_hours_are_left_and_it_is_still_tried():
    reminder = make_due(safety=True, useful_until=NOW + timedelta(hours=6))
    sms = ScriptedChannel(*[WRONG_PASSWORD] * 50)
    told = run(6 * 60, sms=sms)
    assert told is not None
    assert told <= 4 * 60
    item = WorkItem.objects.get()
    assert "still tried" in item.why
    assert item.due_at <= reminder.useful_until
    tried = len(sms.offered)
    run(told + 60, since=told + 5, sms=sms)
    for minute in range(told + 5, told + 65, 5):
        drain_at(NOW + timedelta(minutes=minute), channels={"sms": sms})
    assert len(sms.offered) > tried
    assert WorkItem.objects.count() == 1
    assert reminder.journey.events.filter(kind="reminder-not-sent").count() == 1


def test_the_nurses_task_ends_when_the_text_gets_through():
    make_due(useful_until=NOW + timedelta(minutes=30))
    sms = ScriptedChannel(*[BUSY] * 5)
    assert run(30, sms=sms) is not None
    sms.answers = []
    drain_at(NOW + timedelta(minutes=29), channels={"sms": sms})
    item = WorkItem.objects.get()
    assert (item.state, item.outcome) == ("resolved", "The text got through after all.")


def test_a_nurse_who_has_called_already_is_not_asked_to_call_again_when_time_is_up():
    reminder = make_due(useful_until=NOW + timedelta(minutes=30))
    sms = ScriptedChannel(*[BUSY] * 50)
    told = run(30, sms=sms)
    assert told is not None
    nurse = make_staff(reminder.clinic)
    WorkItem.objects.update(state="resolved", resolved_at=NOW, resolved_by=nurse, outcome="Told by phone.")
    for minute in range(told, 45, 5):
        drain_at(NOW + timedelta(minutes=minute), channels={"sms": sms})
    reminder.refresh_from_db()
    assert reminder.state == "missed"
    assert WorkItem.objects.count() == 1


@pytest.mark.parametrize("answer", [ChannelError(code="30007", message="x", what=Refusal.FILTERED), None])
def test_who_asked_for_help_and_cannot_be_answered_is_called(answer):
    says(make_bare_journey().patient, "HELP")
    channels = {"sms": ScriptedChannel(answer)} if answer else {"voice": ScriptedChannel()}
    drain_at(NOW, channels=channels)
    item = WorkItem.objects.get()
    assert item.state == "open"
    assert "help" in item.why
