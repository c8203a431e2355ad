"""Forms about what comes after the procedure: check-ins by phone, follow-ups, therapy; and a task by hand."""

from datetime import datetime

from django import forms

from pathway.check_ins import NotAnAnswer, read_answer
from pathway.forms import DescribedForm, WhenForm
from pathway.planner.spec import CheckInQuestion
from pathway.queries.check_ins import OpenCheckIn
from pathway.staff_words import for_staff

TASK_KINDS = [
    ("call", "Call the patient"),
    ("ask-clinician", "Ask the clinician"),
    ("paperwork", "Papers and insurance"),
    ("to-do", "Something else"),
]


class PhoneCheckInForm(DescribedForm):
    """The questions of one check-in as a nurse goes through them by phone. What is not asked yet may stay empty."""

    ids = "check_in_%s"

    def __init__(self, *args: object, found: OpenCheckIn, **kwargs: object) -> None:
        super().__init__(*args, **{"initial": found.row.answers, "auto_id": f"check_in_{found.row.key}_%s", **kwargs})
        self.found = found
        for question in found.questions:
            self.fields[question.key] = _field(question)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        for question in self.found.questions:
            said = str(cleaned.get(question.key) or "")
            if said:
                try:
                    cleaned[question.key] = read_answer(question, said)
                except NotAnAnswer as error:
                    self.add_error(question.key, str(error))
        if not self.errors and not self.answers():
            self.add_error(None, "Answer at least one question.")
        return cleaned

    def answers(self) -> dict[str, str]:
        """What was answered, by question."""
        return {key: str(said) for key, said in self.cleaned_data.items() if said}


def _field(question: CheckInQuestion) -> forms.Field:
    """One question in the patient's words: a list to choose from, or a number."""
    label = for_staff(question.ask)
    if question.kind == "number":
        attrs = {"inputmode": "numeric", "maxlength": "2"}
        return forms.CharField(label=label, required=False, max_length=4, widget=forms.TextInput(attrs=attrs))
    choices = [("yes", "Yes"), ("no", "No")]
    if question.kind == "choice":
        choices = [(key, for_staff(words)) for key, words in question.options.items()]
    return forms.ChoiceField(label=label, required=False, choices=[("", "Not asked"), *choices])


class MissedForm(DescribedForm):
    """A follow-up to which the patient did not come."""

    ids = "missed_%s"
    key = forms.ChoiceField(label="Which visit", error_messages={"required": "Choose the visit."})
    why = forms.CharField(label="What is known", required=False, max_length=200)

    def __init__(self, *args: object, visits: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].choices = visits  # type: ignore[attr-defined]


class CloseVisitForm(MissedForm):
    """A follow-up that is not going to be."""

    ids = "close_%s"
    why = forms.CharField(
        label="Why is it not needed?",
        max_length=200,
        error_messages={"required": "Say why. It stays in the history."},
    )


class ReferralForm(DescribedForm):
    """Physical therapy: yes or no, and the first visit."""

    ids = "therapy_%s"
    referred = forms.ChoiceField(
        label="Physical therapy",
        choices=[("", "Choose"), ("yes", "Referred"), ("no", "Not referred")],
        error_messages={"required": "Choose yes or no."},
    )
    first_visit_date = forms.DateField(
        label="First visit, if known",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a day such as 2027-03-14."},
    )

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("referred") == "no" and cleaned.get("first_visit_date"):
            self.add_error("first_visit_date", "Take the day away, or choose “Referred”.")
        return cleaned


class TaskForm(WhenForm):
    """A task by hand; `cleaned_data["at"]` is when it is due (UTC)."""

    ids = "task_%s"
    field_order = ["kind", "why", "say", "day", "clock"]
    kind = forms.ChoiceField(label="What kind", choices=TASK_KINDS)
    why = forms.CharField(
        label="What is to be done, and why",
        max_length=250,
        error_messages={"required": "Say what is to be done, and why."},
    )
    say = forms.CharField(label="What to tell the patient", required=False, max_length=500)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["day"].label = "Due"

    def wrong_moment(self, at: datetime) -> str:
        return "This time has passed. Enter one that is still to come." if at <= self.now else ""
