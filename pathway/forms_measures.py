"""Forms of outcome measures: a new value, and one that was wrong."""

from collections.abc import Iterable, Mapping

from django import forms

from pathway.actions.measurements import Entered
from pathway.forms import DescribedForm, RecordForm
from pathway.outcomes import MeasureSpec, unit_words
from pathway.queries.measurements import MeasuredValue, MeasureRow


class MeasureForm(RecordForm):
    """A value with its unit, when it was taken (wall time of the clinic) and on which occasion.

    `key` names the measure and the unit together, so that no number stands without one.
    """

    ids = "measure_%s"
    field_order = ["key", "value", "occasion", "day", "clock"]
    value = forms.DecimalField(
        label="Value", error_messages={"required": "Enter the value.", "invalid": "Enter a number."}
    )
    occasion = forms.ChoiceField(label="Asked at", required=False)

    def __init__(
        self, *args: object, measures: Iterable[MeasureSpec], occasions: Mapping[str, str], **kwargs: object
    ) -> None:
        measures = tuple(measures)
        what = [
            (f"{one.key}:{unit}", f"{one.title}, {unit_words(unit)}") for one in measures for unit in one.entered_in
        ]
        super().__init__(*args, milestones=[("", "Choose"), *what], **kwargs)
        asked = dict.fromkeys(key for one in measures for key in one.asked_at)
        self.fields["occasion"].choices = [  # type: ignore[attr-defined]
            ("", "No visit"), *((key, occasions.get(key, key)) for key in asked),
        ]  # fmt: skip

    def measure(self) -> str:
        return str(self.cleaned_data["key"]).partition(":")[0]

    def entered(self) -> Entered:
        return Entered(self.cleaned_data["value"], str(self.cleaned_data["key"]).partition(":")[2])


class CorrectForm(DescribedForm):
    """A value that was mistyped, or that never was this patient's. `values` are those that count."""

    ids = "correct_%s"
    which = forms.ChoiceField(label="Which value?", error_messages={"required": "Choose the value."})
    take_back = forms.BooleanField(label="It never was this patient's: take it back", required=False)
    value = forms.DecimalField(
        label="What it should be, in the same unit", required=False, error_messages={"invalid": "Enter a number."}
    )
    why = forms.CharField(
        label="What was wrong?",
        max_length=150,
        error_messages={"required": "Say what was wrong. It stays in the history."},
    )

    def __init__(self, *args: object, rows: Iterable[MeasureRow], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        shown = [(row.title, value) for row in rows for value in row.values]
        self.values: dict[str, MeasuredValue] = {str(value.id): value for _, value in shown}
        choices = [(str(one.id), f"{title}, {one.shown}, {one.at:%b} {one.at.day}") for title, one in shown]
        self.fields["which"].choices = [("", "Choose"), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if not cleaned.get("take_back") and cleaned.get("value") is None and "value" not in self.errors:
            self.add_error("value", "Enter what it should be, or take the value back.")
        return cleaned

    def right(self) -> Entered:
        """The right value, in the unit in which the wrong one was entered."""
        return Entered(self.cleaned_data["value"], self.values[self.cleaned_data["which"]].entered_unit)
