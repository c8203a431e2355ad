"""One clinic, one patient, one phone: the words in which journeys are told."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from notifications.dispatcher import drain
from notifications.models import Message, OutboxEntry
from notifications.queries.health import next_run_at
from pathway.actions.candidacy import decide_candidacy, record_assessment
from pathway.actions.hold_course import attest_last_dose
from pathway.actions.holds import dangers, draft_hold, record_cardiology_agreement, sign_hold
from pathway.actions.journeys import book, cancel, record, start_journey
from pathway.actions.measurements import Entered, record_measurement
from pathway.actions.medicines import change_medicine, record_result
from pathway.actions.questions import answer_question
from pathway.actions.sweep import sweep
from pathway.answers import ANSWER_SETS
from pathway.models import MedicationHold, Question, Source, WorkItem
from pathway.planner import to_utc
from pathway.queries.patient_page import patient_page
from pathway.states import JourneyState
from patients.actions.keep_medicines import ToldMedicine
from patients.models import Caregiver, ContactKind, LabKind
from tests.builders import make_clinic, make_patient, make_staff, mild_version
from tests.notifications.coming_back import text_from

NEW_YORK = ZoneInfo("America/New_York")
TICK = timedelta(seconds=5)
SWEEP = timedelta(hours=6)


def at(text: str) -> datetime:
    """`2027-05-20 07:30` on the clinic's clock, as an instant."""
    return to_utc(datetime.fromisoformat(text), NEW_YORK)


class Story:
    """Time passes; the real planner and the real dispatcher do the rest."""

    def __init__(self, start: str, **patient: object) -> None:
        self.now = at(start)
        self.clinic = make_clinic(name="Oak Clinic")
        self.doctor = make_staff(self.clinic, "prescriber")
        self.nurse = make_staff(self.clinic, "nurse")
        self.patient = make_patient(self.clinic, **patient)
        self.answers_after: timedelta | None = None

    def given_a_procedure(self, when: str, **milestones: str) -> None:
        booked = {"procedure": at(when), **{key.replace("_", "-"): at(value) for key, value in milestones.items()}}
        self.journey = start_journey(
            patient=self.patient,
            protocol_version=mild_version(self.now),
            milestones=booked,
            by=self.nurse,
            now=self.now,
        )

    def given_a_first_visit(self, when: str) -> None:
        """A referral: the first visit is booked, and nothing else."""
        self.journey = start_journey(
            patient=self.patient, protocol_version=mild_version(self.now), milestones={"consult": at(when)},
            by=self.nurse, now=self.now,
        )  # fmt: skip

    def given_a_landline(self, phone: str) -> None:
        """The patient's only number takes calls and no texts."""
        self.patient.contacts.update(kind=ContactKind.VOICE, phone=phone)

    def when_it_is_decided(self, decision: JourneyState, answers: dict[str, object], reason: str = "") -> None:
        """The nurse writes the answers down, and the doctor decides."""
        seen = record_assessment(journey=self.journey, answers=answers, by=self.nurse, now=self.now)
        decide_candidacy(
            journey=self.journey, decision=decision, assessment=seen, reason=reason, by=self.doctor, now=self.now
        )

    def when_measured(self, **values: tuple[str, str, str]) -> None:
        """Value, unit and occasion of each measure, as the nurse writes them down."""
        for measure, (value, unit, occasion) in values.items():
            record_measurement(
                journey=self.journey, measure=measure, entered=Entered(Decimal(value), unit), at=self.now,
                occasion=occasion, source=Source.STAFF, by=self.nurse, now=self.now,
            )  # fmt: skip

    def given_a_signed_hold(self, drug: str, duration: str) -> None:
        hold = draft_hold(journey=self.journey, drug=drug, duration=duration, now=self.now)
        sign_hold(hold=hold, by=self.doctor, now=self.now, dangers_shown=dangers().version)

    def given_a_medicine(self, name: str, **facts: object) -> None:
        """A nurse writes down what the patient takes; the clinic's table drafts from it."""
        told = ToldMedicine(name, **facts)  # type: ignore[arg-type]
        change_medicine(patient=self.patient, told=told, by=self.nurse, now=self.now)

    def when_the_prescriber_signs(self, drug: str) -> None:
        sign_hold(hold=self.hold(drug), by=self.doctor, now=self.now, dangers_shown=dangers().version)

    def when_cardiology_agrees(self, drug: str, who: str) -> None:
        record_cardiology_agreement(
            hold=self.hold(drug), agreed_by=who, agreed_at=self.now, by=self.nurse, now=self.now
        )

    def when_the_last_dose_was(self, drug: str, when: str) -> None:
        attest_last_dose(hold=self.hold(drug), at=at(when), by=self.nurse, now=self.now)

    def when_an_inr_comes_in(self, value: str) -> None:
        record_result(
            patient=self.patient, kind=LabKind.INR, value=Decimal(value), unit="ratio", taken_at=self.now,
            by=self.nurse, now=self.now,
        )  # fmt: skip

    def hold(self, drug: str) -> MedicationHold:
        """The hold of a drug that stands now."""
        alive = MedicationHold.objects.filter(journey=self.journey).exclude(state="declined")
        return alive.select_related("journey__patient__clinic", "journey__clinic").get(drug=drug)

    def page(self) -> str:
        """All that the patient's page says, as one text."""
        self.journey.refresh_from_db()
        return repr(patient_page(self.journey, language=self.patient.language, now=self.now))

    def task(self, kind: str) -> str:
        """Why the one task of that kind waits for somebody, with its priority before it."""
        item = self.undone(kind)
        return f"{item.get_priority_display()}: {item.why}"

    def undone_all(self, kind: str, about: str) -> list[WorkItem]:
        """The tasks of that kind that wait for somebody, about one step."""
        return list(WorkItem.objects.exclude(state="resolved").filter(kind=kind, cause__contains=about))

    def undone(self, kind: str) -> WorkItem:
        """The one task of that kind that waits for somebody."""
        return WorkItem.objects.exclude(state="resolved").get(kind=kind)

    def given_a_caregiver(self, **fields: object) -> None:
        """A daughter with a number of her own, who gets copies in Spanish as the patient agreed."""
        named = {"name": "Lucía Ruiz", "relation": "daughter", "phone": "+12025550177", "language": "es", **fields}
        self.caregiver = Caregiver.objects.create(patient=self.patient, **{"consented_at": self.now, **named})

    def given_a_patient_who_answers(self) -> None:
        """From here on the patient replies with the first key to all that is asked, a quarter of an hour later."""
        self.answers_after = timedelta(minutes=15)

    def patient_answers(self) -> None:
        """Answer what was asked long enough ago."""
        if self.answers_after is None:
            return
        for question in Question.objects.filter(closed_at=None, asked_at__lte=self.now - self.answers_after):
            first = ANSWER_SETS[question.answers].keys[0]
            answer_question(question=question, choice=first, words=first, by=None, now=self.now)

    def when_time_passes_until(self, when: str) -> None:
        """Jump from one due reminder to the next, with a sweep every six hours in between."""
        drain(clock=lambda: self.now)
        while self.now < at(when):
            due = next_run_at()
            sweep_at = self.now + SWEEP
            self.now = min(at(when), sweep_at, max(due, self.now + TICK) if due else sweep_at)
            drain(clock=lambda: self.now)
            self.patient_answers()
            if self.now == sweep_at:
                sweep(now=self.now)

    def when_a_visit_is_booked(self, key: str, when: str) -> None:
        book(journey=self.journey, key=key, at=at(when), by=self.nurse, now=self.now)

    def when_the_procedure_moves_to(self, when: str) -> None:
        self.when_a_visit_is_booked("procedure", when)

    def when_it_is_called_off(self, reason: str) -> None:
        cancel(journey=self.journey, reason=reason, by=self.nurse, now=self.now)

    def when_it_has_happened(self, key: str) -> None:
        record(journey=self.journey, key=key, at=self.now, by=self.nurse, now=self.now)

    def when_the_patient_texts(self, body: str) -> None:
        text_from(self.patient.contacts.get().phone.as_e164, body, clinics=[self.clinic.pk], now=self.now)

    def when_the_caregiver_texts(self, body: str) -> None:
        text_from(self.caregiver.phone.as_e164, body, clinics=[self.clinic.pk], now=self.now)

    def state(self) -> str:
        self.journey.refresh_from_db()
        return self.journey.state

    def phone(self, whose: str = "patient", channel: str = "sms") -> list[str]:
        """Every text on the patient's phone, or the caregiver's: when it came, and its first words after the clinic."""
        sent = [one for one in self.messages() if (one.recipient, one.channel) == (whose, channel)]
        return [f"{one.sent_at.astimezone(self.patient.tz):%m-%d %H:%M} {words(one.body)}" for one in sent]

    def messages(self) -> list[Message]:
        """Every text that went out to anybody, in order."""
        caught = set(OutboxEntry.objects.values_list("reference", flat=True))
        sent = list(Message.objects.filter(pk__in=caught).order_by("sent_at", "reminder_id"))
        assert len(caught) == len(sent)
        return sent

    def tasks(self) -> list[str]:
        """The kinds of the tasks that wait for somebody."""
        return sorted(WorkItem.objects.exclude(state="resolved").values_list("kind", flat=True))


def words(body: str) -> str:
    """The first sentence of a text after the clinic's name, without a link."""
    text = body.partition("Oak Clinic: ")[2]
    return text.split(": http")[0].split(". ")[0].split("? ")[0]
