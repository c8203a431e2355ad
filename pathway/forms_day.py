"""Forms of the procedure's day: the last meal, readiness, how far the patient is, scores, the checklist, the escort."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django import forms
from phonenumber_field.formfields import PhoneNumberField

from pathway.forms import DescribedForm, RecordForm
from pathway.models import Food, ReadinessMark, SaidBy
from pathway.planner.day import DischargeSpec, Score
from pathway.queries.discharge import GoingHome
from pathway.queries.readiness import Readiness
from pathway.schedule_file.times import NotATime, instant_of
from pathway.states import JOURNEY, JourneyState

STAGES = {
    JourneyState.ARRIVED: "The patient has arrived",
    JourneyState.ADMITTED: "The patient is admitted",
    JourneyState.IN_PROCEDURE: "The procedure has begun",
    JourneyState.RECOVERING: "The procedure has ended: recovery room",
    JourneyState.DISCHARGED: "The patient goes home",
}
STEPWISE = {
    JourneyState.SCHEDULED: JourneyState.ARRIVED,
    JourneyState.ARRIVED: JourneyState.ADMITTED,
    JourneyState.ADMITTED: JourneyState.IN_PROCEDURE,
    JourneyState.IN_PROCEDURE: JourneyState.RECOVERING,
    JourneyState.RECOVERING: JourneyState.DISCHARGED,
    JourneyState.STAYING: JourneyState.DISCHARGED,
    JourneyState.TRANSFERRED: JourneyState.DISCHARGED,
}
"""What comes next on the day. Other ways that the tables allow are for clinics that record only what is over."""


class IntakeForm(DescribedForm):
    """When the patient last ate and drank, in wall time of the clinic; a time left empty is not known."""

    ids = "meal_%s"
    ate_day = forms.DateField(
        label="Last food, day", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ate_clock = forms.TimeField(
        label="Time", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    food = forms.ChoiceField(
        label="What food", required=False, choices=[("", "Choose, or leave if not known"), *Food.choices]
    )
    drank_day = forms.DateField(
        label="Last clear drink, day", required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    drank_clock = forms.TimeField(
        label="Time", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    nothing_since = forms.BooleanField(label="Nothing to drink since the food", required=False)
    said_by = forms.ChoiceField(label="Who says so", choices=SaidBy.choices)

    def __init__(self, *args: object, zone: ZoneInfo, now: datetime, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        cleaned["ate_at"] = self._instant("ate")
        cleaned["drank_at"] = cleaned["ate_at"] if cleaned.get("nothing_since") else self._instant("drank")
        if cleaned.get("nothing_since") and cleaned["ate_at"] is None and not self.errors:
            self.add_error("nothing_since", "Say when the food was, or take this tick away.")
        if cleaned["ate_at"] is not None and not cleaned.get("food"):
            self.add_error("food", "Choose what food it was. Not sure counts as heavy.")
        if cleaned["ate_at"] is None and cleaned.get("food") and not self.errors:
            self.add_error("ate_clock", "Enter when it was, or leave the food empty.")
        return cleaned

    def _instant(self, what: str) -> datetime | None:
        """The instant (UTC) of a day and a time; None when both are empty. A problem stands at its field."""
        day: date | None = self.cleaned_data.get(f"{what}_day")
        clock: time | None = self.cleaned_data.get(f"{what}_clock")
        if day is None and clock is None:
            return None
        if day is None or clock is None:
            missing = "day" if day is None else "clock"
            if not self.has_error(f"{what}_{missing}"):
                self.add_error(f"{what}_{missing}", "Enter both the day and the time, or neither when not known.")
            return None
        try:
            at = instant_of(datetime.combine(day, clock), self.zone)
        except NotATime as error:
            self.add_error(f"{what}_clock", f"This time {error}.")
            return None
        except OverflowError:
            self.add_error(f"{what}_day", "Check the year.")
            return None
        if at > self.now:
            self.add_error(f"{what}_clock", "This is still to come. Enter when it was.")
            return None
        return at


class ReadinessForm(DescribedForm):
    """What a person says of one check."""

    ids = "ready_%s"
    check = forms.ChoiceField(label="Check", error_messages={"required": "Choose what you checked."})
    verdict = forms.ChoiceField(label="Is it so?", choices=ReadinessMark.Verdict.choices)
    note = forms.CharField(label="Note", required=False, max_length=150)

    def __init__(self, *args: object, readiness: Readiness, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        choices = [(row.key, row.title) for row in readiness.checks if row.satisfied_by != "arrival"]
        self.fields["check"].choices = [("", "Choose the check"), *choices]  # type: ignore[attr-defined]


class StageForm(RecordForm):
    """The next step of the day with its time; `override` is a prescriber's reason to go on without what is missing."""

    ids = "stage_%s"
    override = forms.CharField(label="Go on without it? Prescriber's reason", required=False, max_length=200)

    def __init__(self, *args: object, state: JourneyState, zone: ZoneInfo, now: datetime, **kwargs: object) -> None:
        following = STEPWISE.get(state)
        milestones = [(following.value, STAGES[following])] if following is not None else []
        super().__init__(*args, milestones=milestones, zone=zone, now=now, **kwargs)
        self.fields["key"].label = "Next"


class ScoreForm(DescribedForm):
    """One scoring: each item with the words for 0, 1 and 2."""

    def __init__(self, *args: object, score: Score, **kwargs: object) -> None:
        self.ids = f"{score.key}_%s"
        super().__init__(*args, **kwargs)
        self.score = score
        for item in score.items:
            self.fields[item.key] = forms.TypedChoiceField(
                label=item.title, coerce=int,
                choices=[("", "Choose"), *((n, f"{n}: {words}") for n, words in enumerate(item.points))],
                error_messages={"required": f"Score {item.title.lower()}: 0, 1 or 2."},
            )  # fmt: skip

    def points(self) -> dict[str, int]:
        return {item.key: self.cleaned_data[item.key] for item in self.score.items}


class ChecklistForm(DescribedForm):
    """The lines of the checklist that a person answers. What is left empty stays as it was."""

    ids = "home_%s"

    def __init__(self, *args: object, spec: DischargeSpec, known: GoingHome, **kwargs: object) -> None:
        self.known = {row.spec.key: row.value for row in known.items}
        super().__init__(*args, initial=self.known, **kwargs)
        for item in spec.items:
            if item.kind == "text":
                self.fields[item.key] = forms.CharField(label=item.title, required=False, max_length=200)
            elif item.is_answered:
                choices = [(choice, choice.capitalize()) for choice in item.takes]
                self.fields[item.key] = forms.ChoiceField(
                    label=item.title, required=False, choices=[("", "Not answered"), *choices],
                    error_messages={"invalid_choice": "Choose one of the answers."},
                )  # fmt: skip

    def changed(self) -> dict[str, str]:
        """What is new, by the key of its line."""
        return {key: value for key, value in self.cleaned_data.items() if value and value != self.known.get(key)}


class EscortForm(DescribedForm):
    """Who takes the patient home."""

    ids = "escort_%s"
    name = forms.CharField(
        label="Name of the escort", max_length=120, error_messages={"required": "Enter the escort's name."}
    )
    phone = PhoneNumberField(
        label="Phone",
        error_messages={
            "required": "Enter the escort's phone number.",
            "invalid": "Enter a number such as (202) 555-0177.",
        },
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    is_adult_who_stays = forms.BooleanField(
        label="An adult who stays with the patient, not the driver of a ride service", required=False
    )
    is_present = forms.BooleanField(label="Is here now", required=False)


class StayForm(DescribedForm):
    """The patient does not go home as planned."""

    ids = "stay_%s"
    state = forms.ChoiceField(
        label="What happens",
        choices=[
            (JourneyState.STAYING.value, "Stays overnight"),
            (JourneyState.TRANSFERRED.value, "Goes to another hospital"),
        ],
    )
    where = forms.CharField(label="Which hospital", required=False, max_length=80)
    why = forms.CharField(label="Why", max_length=150, error_messages={"required": "Say why. It stays in the history."})

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("state") == JourneyState.TRANSFERRED and not cleaned.get("where"):
            self.add_error("where", "Say to which hospital.")
        return cleaned

    @staticmethod
    def is_possible(state: JourneyState) -> bool:
        """Whether a patient in this state may stay or be transferred."""
        return bool(JOURNEY[state] & {JourneyState.STAYING, JourneyState.TRANSFERRED})
