"""What providers answer, and what becomes of the reminder."""

from datetime import timedelta

import pytest

from notifications.channels.base import ChannelError, LookUp, NoAnswer, Receipt
from notifications.models import DeliveryAttempt, Message, OutboxEntry
from pathway.models import WorkItem
from patients.models import ContactPoint
from tests.builders import NOW
from tests.notifications.due import ScriptedChannel, drain_at, make_due

pytestmark = pytest.mark.django_db

BUSY = ChannelError(permanent=False, code="busy", message="try later")
NO_SUCH_NUMBER = ChannelError(permanent=True, code="no-such-number", message="never")
LATER = NOW + timedelta(minutes=2)


def accepted(envelope):
    """Evidence that the provider took it."""
    return Receipt(envelope.offered_at, "provider-7")


def test_a_provider_that_is_busy_is_asked_again_later_with_the_same_reference():
    reminder, sms = make_due(), ScriptedChannel(BUSY)
    assert drain_at(NOW, channels={"sms": sms}).retried == 1
    reminder.refresh_from_db()
    assert (reminder.state, reminder.tries, reminder.started_at) == ("planned", 1, None)
    assert NOW < reminder.run_at < NOW + timedelta(minutes=1)
    assert reminder.send_at == NOW
    assert drain_at(reminder.run_at, channels={"sms": sms}).sent == 1
    assert len({one.reference for one in sms.offered}) == 1
    assert Message.objects.filter(reminder=reminder).count() == 1
    assert list(DeliveryAttempt.objects.order_by("id").values_list("outcome", flat=True)) == ["temporary"]
    assert Message.objects.get().offered_at == Message.objects.get().sent_at == reminder.run_at


def test_waits_grow_and_differ_between_reminders_refused_together():
    reminders = [make_due() for _ in range(5)]
    sms = ScriptedChannel(*[BUSY] * 5)
    drain_at(NOW, channels={"sms": sms})
    run_at = set()
    for reminder in reminders:
        reminder.refresh_from_db()
        run_at.add(reminder.run_at)
    assert len(run_at) == 5


def test_the_spread_of_retries_follows_the_seed():
    def first_retry(seed):
        reminder = make_due()
        reminder.pk, same = 10_000, reminder.pk
        type(reminder).objects.filter(pk=same).delete()
        reminder.save(force_insert=True)
        drain_at(NOW, channels={"sms": ScriptedChannel(BUSY)}, seed=seed)
        reminder.refresh_from_db()
        Message.objects.all().delete()
        reminder.delete()
        return reminder.run_at

    assert first_retry(1) == first_retry(1) != first_retry(2)


def test_a_provider_that_stays_busy_past_the_usefulness_leaves_it_to_a_person():
    reminder = make_due(useful_until=NOW + timedelta(seconds=10))
    assert drain_at(NOW, channels={"sms": ScriptedChannel(BUSY)}).missed == 1
    reminder.refresh_from_db()
    assert reminder.state == "missed"
    assert Message.objects.get().state == "failed"
    assert "Refused for now (busy)" in WorkItem.objects.get().why


def test_a_number_that_does_not_exist_leads_to_the_next_contact_at_once():
    reminder = make_due()
    patient = reminder.journey.patient
    ContactPoint.objects.create(patient=patient, kind="voice", phone="+12025550102", rank=2)
    voice = ScriptedChannel()
    drained = drain_at(NOW, channels={"sms": ScriptedChannel(NO_SUCH_NUMBER), "voice": voice})
    assert (drained.retried, drained.sent) == (1, 1)
    assert [one.address for one in voice.offered] == ["+12025550102"]
    states = dict(Message.objects.filter(reminder=reminder).values_list("channel", "state"))
    assert states == {"sms": "failed", "voice": "sent"}


def test_refused_on_every_contact_it_failed_and_somebody_phones():
    reminder = make_due()
    assert drain_at(NOW, channels={"sms": ScriptedChannel(NO_SUCH_NUMBER)}).failed == 1
    reminder.refresh_from_db()
    assert (reminder.state, WorkItem.objects.get().kind) == ("failed", "failed-message")
    assert "no-such-number" in reminder.reason


def test_no_answer_is_unknown_until_the_look_up_finds_it():
    reminder, sms = make_due(), ScriptedChannel(NoAnswer("timeout"))
    sms.evidence = accepted
    assert drain_at(NOW, channels={"sms": sms}).unknown == 1
    reminder.refresh_from_db()
    assert (reminder.state, Message.objects.get().state) == ("unknown", "unknown")
    assert drain_at(NOW, channels={"sms": sms}).settled == 0  # the provider may still be busy with it
    assert drain_at(LATER, channels={"sms": sms}).settled == 1
    reminder.refresh_from_db()
    assert (reminder.state, reminder.sent_at, len(sms.offered)) == ("sent", NOW, 1)
    message = Message.objects.get()
    assert (message.state, message.provider_reference) == ("sent", "provider-7")


def test_no_answer_and_never_taken_is_sent_again_under_the_same_reference():
    make_due()
    sms = ScriptedChannel(NoAnswer("timeout"))
    drain_at(NOW, channels={"sms": sms})
    assert drain_at(LATER, channels={"sms": sms}).sent == 1
    assert len(sms.offered) == 2
    assert len({one.reference for one in sms.offered}) == 1
    assert OutboxEntry.objects.count() == 1


def test_never_taken_and_of_no_more_use_is_missed():
    reminder, sms = make_due(useful_until=NOW + timedelta(seconds=50)), ScriptedChannel(NoAnswer("timeout"))
    drain_at(NOW, channels={"sms": sms})
    drain_at(LATER, channels={"sms": sms})
    reminder.refresh_from_db()
    assert (reminder.state, Message.objects.get().state) == ("missed", "failed")
    assert "never reached the provider" in WorkItem.objects.get().why


def test_an_exception_nobody_foresaw_counts_as_no_answer():
    make_due()
    assert drain_at(NOW, channels={"sms": ScriptedChannel(RuntimeError("it broke for +12025550100"))}).unknown == 1
    assert DeliveryAttempt.objects.get().error == "unforeseen RuntimeError"


def unasked(*, honours_reference=False):
    """A provider that once did not answer and cannot be asked."""
    sms = ScriptedChannel(NoAnswer("timeout"), honours_reference=honours_reference)
    sms.evidence = lambda _: LookUp.UNSUPPORTED
    return sms


def test_without_evidence_a_provider_that_honours_references_gets_it_again():
    make_due()
    sms = unasked(honours_reference=True)
    drain_at(NOW, channels={"sms": sms})
    assert drain_at(LATER, channels={"sms": sms}).sent == 1
    assert len({one.reference for one in sms.offered}) == 1


def test_without_evidence_a_safety_step_is_sent_once_more_and_no_more_than_that():
    reminder, sms = make_due(resend_unproven=True), unasked()
    sms.answers = [NoAnswer("timeout"), NoAnswer("timeout"), NoAnswer("timeout")]
    for minutes in (0, 2, 4, 6, 8):
        drain_at(NOW + timedelta(minutes=minutes), channels={"sms": sms})
    reminder.refresh_from_db()
    assert len(sms.offered) == 2
    assert (reminder.state, WorkItem.objects.get().kind) == ("unknown", "unproven-message")


def test_without_evidence_anything_else_stays_unknown_and_goes_to_a_person():
    reminder, sms = make_due(), unasked()
    drain_at(NOW, channels={"sms": sms})
    for minutes in (2, 60, 3000):
        drain_at(NOW + timedelta(minutes=minutes), channels={"sms": sms})
    reminder.refresh_from_db()
    assert (reminder.state, len(sms.offered)) == ("unknown", 1)
    assert "nothing can prove it" in reminder.reason
    assert WorkItem.objects.get().kind == "unproven-message"


def test_a_provider_that_cannot_be_reached_is_looked_up_ever_later_and_then_a_person_is_told():
    reminder, sms = make_due(), ScriptedChannel(NoAnswer("timeout"))
    looks = []

    def unreachable(_):
        looks.append(1)
        raise NoAnswer("still down")

    sms.evidence = unreachable
    for minutes in range(60):
        drain_at(NOW + timedelta(minutes=minutes), channels={"sms": sms})
    reminder.refresh_from_db()
    assert (reminder.state, WorkItem.objects.count()) == ("unknown", 1)
    assert 4 <= len(looks) <= 8


def test_a_replan_between_two_offers_keeps_the_reference_while_the_words_stay():
    reminder, sms = make_due(), ScriptedChannel(BUSY)
    drain_at(NOW, channels={"sms": sms})
    type(reminder).objects.update(plan_version=2)
    drain_at(LATER, channels={"sms": sms})
    assert len({one.reference for one in sms.offered}) == 1


def test_other_words_are_another_message():
    reminder, sms = make_due(), ScriptedChannel(BUSY)
    drain_at(NOW, channels={"sms": sms})
    type(reminder).objects.update(plan_version=2, says={"day": "2027-03-12"})
    drain_at(LATER, channels={"sms": sms})
    first, second = sms.offered
    assert first.reference != second.reference
    assert "Mar 12" in second.body
