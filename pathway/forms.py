"""Forms of the staff pages and of the patient's page."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from pathway.models import CancelReason
from pathway.queries.procedures import SPOKE
from pathway.schedule_file.times import NotATime, instant_of

OUTCOMES = [
    ("", "Choose what happened"),
    (f"{SPOKE} the patient", "Spoke with the patient"),
    (f"{SPOKE} the caregiver", "Spoke with the caregiver"),
    ("Solved without a call", "Solved without a call"),
    ("Not needed any more", "Not needed any more"),
    ("Could not reach anyone", "Could not reach anyone"),
]
DELAYS = [("30", "30 minutes"), ("60", "1 hour"), ("120", "2 hours"), ("240", "4 hours"), ("1440", "1 day")]
EARLIEST_YEAR = 1900


class DescribedForm(forms.Form):
    """A form whose fields say to a screen reader that they are wrong, and why.

    `ids` is how its fields' ids are made: forms that stand on one page need different ones.
    """

    ids = "id_%s"

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"auto_id": self.ids, **kwargs})  # type: ignore[arg-type]

    def mark_problems(self) -> None:
        """Tie each field to its error text (`id_…_problem` in the templates)."""
        for name in self.errors:
            if name in self.fields:
                widget = self.fields[name].widget
                widget.attrs["aria-invalid"] = "true"
                widget.attrs["aria-describedby"] = f"{self[name].id_for_label}_problem"


class DoneForm(DescribedForm):
    """What came of a task."""

    what = forms.ChoiceField(
        label="What happened?", choices=OUTCOMES, error_messages={"required": "Choose what happened."}
    )
    note = forms.CharField(label="Note", required=False, max_length=150)

    def outcome(self) -> str:
        """The choice and the note as one line."""
        what, note = str(self.cleaned_data["what"]), str(self.cleaned_data["note"]).strip()
        return f"{what}: {note}" if note else what


class LaterForm(DescribedForm):
    """Putting a task off: for how long and why."""

    minutes = forms.ChoiceField(label="Bring it back in", choices=DELAYS, initial="60")
    reason = forms.CharField(label="Why later?", max_length=200, error_messages={"required": "Say why this can wait."})

    def delay(self) -> timedelta:
        return timedelta(minutes=int(self.cleaned_data["minutes"]))


class WhenForm(DescribedForm):
    """A moment in wall time of the clinic; `cleaned_data["at"]` is the instant (UTC)."""

    day = forms.DateField(
        label="Day",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Enter the day.", "invalid": "Enter a day such as 2027-03-14."},
    )
    clock = forms.TimeField(
        label="Time",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": "Enter the time.", "invalid": "Enter a time such as 07:30."},
    )

    def __init__(self, *args: object, zone: ZoneInfo, now: datetime, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now

    def wrong_moment(self, at: datetime) -> str:
        """Why this moment cannot be meant; empty when it can."""
        return ""

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        day, clock = cleaned.get("day"), cleaned.get("clock")
        if day is None or clock is None:
            return cleaned
        try:
            cleaned["at"] = instant_of(datetime.combine(day, clock), self.zone)
        except NotATime as error:
            self.add_error("clock", f"This time {error}.")
        except OverflowError:
            self.add_error("day", "Check the year.")
        else:
            wrong = self.wrong_moment(cleaned["at"])
            if wrong:
                self.add_error("day", wrong)
        return cleaned


class MomentForm(WhenForm):
    """One milestone and a moment for it."""

    key = forms.ChoiceField(label="What", error_messages={"required": "Choose what."})

    def __init__(self, *args: object, milestones: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].choices = milestones  # type: ignore[attr-defined]


class BookForm(MomentForm):
    """Booking or moving one milestone."""

    why = forms.CharField(label="Why", required=False, max_length=200)

    def wrong_moment(self, at: datetime) -> str:
        return "This moment has passed. Enter one that is still to come." if at <= self.now else ""


class RecordForm(MomentForm):
    """Recording that a milestone has happened."""

    ids = "record_%s"

    def wrong_moment(self, at: datetime) -> str:
        return "This moment is still to come. Enter when it happened." if at > self.now else ""


class CancelForm(DescribedForm):
    """Calling a journey off."""

    because = forms.ChoiceField(
        label="Why is it called off?",
        choices=[("", "Choose why"), *CancelReason.choices],
        error_messages={"required": "Choose why. It is counted."},
    )
    reason = forms.CharField(label="In words", required=False, max_length=200)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("because") == CancelReason.OTHER and not str(cleaned.get("reason", "")).strip():
            self.add_error("reason", "Say what it is. It stays in the history.")
        return cleaned


class SearchForm(forms.Form):
    """Finding a journey. Sent by POST: a name has no place in an address or a log."""

    search = forms.CharField(required=False, max_length=80)


class BirthDateForm(forms.Form):
    """Month, day and year in three fields of digits, as a patient writes them."""

    month = forms.IntegerField(min_value=1, max_value=12)
    day = forms.IntegerField(min_value=1, max_value=31)
    year = forms.IntegerField(min_value=EARLIEST_YEAR, max_value=9999)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                cleaned["birth_date"] = date(cleaned["year"], cleaned["month"], cleaned["day"])
            except ValueError:
                self.add_error("day", "no such day")
        return cleaned
