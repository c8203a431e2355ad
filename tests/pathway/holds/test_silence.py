"""Whatever happens in whatever order: nothing of a hold reaches the patient before the signature, and none grows."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from notifications.dispatcher import drain
from notifications.models import Message
from pathway.actions.hold_course import attest_last_dose, attest_restart
from pathway.actions.holds import decline_hold, running_since
from pathway.actions.journeys import NotBookable, book, cancel
from pathway.actions.questions import answer_question
from pathway.actions.sweep import sweep
from pathway.answers import ANSWER_SETS
from pathway.models import JourneyEvent, MedicationHold, Milestone, Question
from pathway.planner import to_utc
from pathway.queries.patient_page import patient_page
from pathway.states import HOLD_SIGNED, HoldState, TransitionError
from tests.builders import NOW
from tests.pathway.holds.worlds import World

pytestmark = pytest.mark.django_db

DRUGS = ("apixaban", "enoxaparin")
"""One held for days, one for hours."""

HOLD_TEXTS = {"plan-ready", "hold-day", "restart", "plan-changed", "plan-paused"}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["take", "sign", "decline", "move", "cancel", "answer", "dose", "restart", "sweep", "wait", "wait", "wait"]
        ),
        st.sampled_from(DRUGS),
        st.integers(min_value=1, max_value=12),
    ),
    min_size=3,
    max_size=14,
)


class Play:
    """One journey, to which things happen one after the other."""

    def __init__(self) -> None:
        self.world, self.now = World(), NOW
        self.signed: dict[int, tuple[str, datetime]] = {}
        self.runs_for: dict[int, datetime] = {}
        self.signed_once = False

    def standing(self, drug: str) -> MedicationHold | None:
        holds = MedicationHold.objects.select_related("journey__patient__clinic", "journey__clinic")
        return holds.filter(journey=self.world.journey, drug=drug).exclude(state="declined").first()

    def happens(self, what: str, drug: str, number: int) -> None:
        world, hold = self.world, self.standing(drug)
        if what == "take":
            world.takes(drug, now=self.now, variant="treatment" if drug == "enoxaparin" else "")
        elif what == "move":
            book(
                journey=world.journey, key="procedure", at=self.now + timedelta(days=number, minutes=number),
                by=world.nurse, now=self.now,
            )  # fmt: skip
        elif what == "cancel":
            cancel(journey=world.journey, reason="fever", by=world.nurse, now=self.now)
        elif what == "answer":
            for question in Question.objects.filter(journey=world.journey, closed_at=None):
                yes = ANSWER_SETS[question.answers].yes
                answer_question(question=question, choice=yes, words=yes, by=None, now=self.now)
        elif what == "sweep":
            sweep(now=self.now)
        elif what == "wait":
            self.now += timedelta(hours=7 * number)
        elif hold is not None and what == "sign":
            world.signed(drug, now=self.now)
            self.signed_once = True
        elif hold is not None and what == "decline":
            decline_hold(hold=hold, reason="no", by=world.doctor, now=self.now)
        elif hold is not None and what == "dose":
            attest_last_dose(hold=hold, at=self.now - timedelta(hours=number), by=world.nurse, now=self.now)
        elif hold is not None and what == "restart":
            attest_restart(hold=hold, at=self.now, by=world.nurse, now=self.now)

    def check(self) -> None:
        """What holds after every step, whatever it was."""
        before = set(Message.objects.values_list("pk", flat=True))
        drain(clock=lambda: self.now)
        standing = {
            hold.drug: hold for hold in MedicationHold.objects.filter(journey=self.world.journey, state__in=HOLD_SIGNED)
        }
        for message in Message.objects.exclude(pk__in=before).select_related("reminder"):
            assert not any(drug in message.body.casefold() for drug in DRUGS)
            if message.reminder.text in HOLD_TEXTS:
                assert self.signed_once
            if message.reminder.text == "plan-changed" and message.reminder.base_key.endswith("/cancelled"):
                assert standing, "one drug's hold is taken back, and the plan behind the link is another's, signed"
            elif message.reminder.text in HOLD_TEXTS - {"plan-paused"}:
                keys = [message.reminder.base_key, *message.reminder.covers]
                assert any(drug in key for key in keys for drug in standing)
        self.world.journey.refresh_from_db()
        page = repr(patient_page(self.world.journey, language="en", now=self.now))
        for drug in DRUGS:
            assert drug in standing or drug not in page
        self.check_lengths()

    def check_lengths(self) -> None:
        """A signed hold keeps the length that was signed, and its procedure never moves later while it is held."""
        procedure = Milestone.objects.get(journey=self.world.journey, key="procedure")
        for hold in MedicationHold.objects.filter(journey=self.world.journey, signed_at__isnull=False):
            assert hold.signed_at is not None
            assert self.signed.setdefault(hold.pk, (hold.duration, hold.signed_at)) == (hold.duration, hold.signed_at)
            assert JourneyEvent.objects.filter(kind="hold-signed", detail__hold=hold.pk).count() == 1
            if HoldState(hold.state) in HOLD_SIGNED and running_since(hold, now=self.now):
                earliest = self.runs_for.setdefault(hold.pk, procedure.at)
                assert procedure.at <= earliest, "held longer than whoever signed it saw"
                self.runs_for[hold.pk] = min(earliest, procedure.at)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
@example([("take", "enoxaparin", 1), ("sign", "apixaban", 1), ("sign", "enoxaparin", 1), ("decline", "apixaban", 1)])
def test_nothing_of_a_hold_is_sent_or_shown_before_its_signature(steps: list[tuple[str, str, int]]):
    with transaction.atomic():
        play = Play()
        for step in [("take", "apixaban", 1), *steps]:
            try:
                with transaction.atomic():
                    play.happens(*step)
            except (TransitionError, NotBookable, ValueError):
                pass
            play.check()
        transaction.set_rollback(True)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 14 * 24 - 1), st.integers(1, 60 * 24 * 30))
def test_a_procedure_moved_later_never_lengthens_a_hold_that_runs(hour: int, minutes: int):
    with transaction.atomic():
        world = World()
        for drug, variant in (("apixaban", ""), ("enoxaparin", "treatment")):
            world.takes(drug, variant=variant)
            world.signed(drug)
        procedure, now = NOW + timedelta(days=14), NOW + timedelta(hours=hour)
        book(journey=world.journey, key="procedure", at=procedure + timedelta(minutes=minutes), by=None, now=now)
        day = to_utc(datetime(2027, 3, 11), ZoneInfo("America/New_York"))  # of the last dose, three days and one before
        for drug, last_dose in (("apixaban", day), ("enoxaparin", procedure - timedelta(hours=24))):
            assert (world.hold(drug).state == HoldState.DRAFTED) == (now >= last_dose), drug
        transaction.set_rollback(True)
