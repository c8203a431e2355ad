"""Forms of the consult: the answers to the checklist, and the clinician's decision."""

from collections.abc import Iterable, Mapping

from django import forms

from pathway.candidacy import AnswersError, ChecklistItem, read_answers
from pathway.forms import DescribedForm
from pathway.models import CandidacyAssessment
from pathway.states import JourneyState

NOT_RECORDED = ("", "Not recorded")
YES_NO = [NOT_RECORDED, ("yes", "Yes"), ("no", "No")]


class CandidacyForm(DescribedForm):
    """One field for each item of a checklist, by its key. Any may stay empty: what is missing never counts as meeting.

    `answers()` are those of the valid form as `record_assessment` takes them.
    """

    ids = "candidacy_%s"

    def __init__(
        self,
        *args: object,
        items: Iterable[ChecklistItem],
        known: Mapping[str, Mapping[str, object]] | None = None,
        **kwargs: object,
    ) -> None:
        self.items = tuple(items)
        initial = {key: _shown(answer["value"]) for key, answer in (known or {}).items()}
        super().__init__(*args, initial=initial, **kwargs)
        for item in self.items:
            self.fields[item.key] = _field(item)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        try:
            read_answers(self.items, self.answers())
        except AnswersError as error:
            for key, problem in error.problems.items():
                self.add_error(key, problem)
        return cleaned

    def answers(self) -> dict[str, object]:
        """What was filled in, by item key, in the form of `pathway.candidacy.answers`."""
        given: dict[str, object] = {}
        for item in self.items:
            value = self.cleaned_data.get(item.key)
            if value in (None, "", []):
                continue
            if item.kind == "number":
                given[item.key] = {"value": str(value), "unit": item.unit}
            else:
                given[item.key] = {"value": value == "yes" if item.kind == "yes-no" else value}
        return given


class DecisionForm(DescribedForm):
    """A candidate or not, and why where the checklist says otherwise. `assessment` is the one that was looked at."""

    ids = "decision_%s"
    decision = forms.ChoiceField(
        label="Your decision",
        choices=[
            ("", "Choose"),
            (JourneyState.CANDIDATE.value, "A candidate"),
            (JourneyState.NOT_A_CANDIDATE.value, "Not a candidate"),
        ],
        error_messages={"required": "Choose one of the two."},
    )
    reason = forms.CharField(label="Reason", required=False, max_length=200)
    assessment = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def decided(self) -> JourneyState:
        return JourneyState(self.cleaned_data["decision"])

    def looked_at(self, assessments: Iterable[CandidacyAssessment]) -> CandidacyAssessment | None:
        """Which of a journey's assessments the decision rests on; None where nothing was recorded."""
        return next((one for one in assessments if one.pk == self.cleaned_data["assessment"]), None)


def _field(item: ChecklistItem) -> forms.Field:
    choices = list(item.choices.items())
    if item.kind == "yes-no":
        return forms.ChoiceField(label=item.question, choices=YES_NO, required=False)
    if item.kind == "choice":
        return forms.ChoiceField(label=item.question, choices=[NOT_RECORDED, *choices], required=False)
    if item.kind == "list":
        return forms.MultipleChoiceField(
            label=item.question, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
        )
    return forms.DecimalField(
        label=f"{item.question} ({item.unit})",
        required=False,
        widget=forms.NumberInput(attrs={"step": "any"}),
        error_messages={"invalid": f"Enter a number, in {item.unit}."},
    )


def _shown(value: object) -> object:
    """A stored answer as its field shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value
