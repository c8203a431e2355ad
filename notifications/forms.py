"""Forms about messages: a stop that staff were told, its end, a message of nobody, and the demo's reply."""

from django import forms

from pathway.forms import DescribedForm


class StopForm(DescribedForm):
    """The patient wants no more texts, and told somebody."""

    ids = "stop_%s"
    how = forms.CharField(
        label="How did they say it?",
        max_length=100,
        initial="told us on the phone",
        error_messages={"required": "Say how they told you."},
    )


class ResumeForm(DescribedForm):
    """The patient wants texts again."""

    ids = "resume_%s"
    how = forms.CharField(
        label="Why again?", max_length=100, error_messages={"required": "Say why. It stays in the history."}
    )


class StrayForm(DescribedForm):
    """What came of a message from an unknown number."""

    outcome = forms.CharField(
        label="What came of it?", max_length=200, error_messages={"required": "Say what came of it."}
    )


class ReplyForm(DescribedForm):
    """What a patient or caregiver writes back, in the demo."""

    body = forms.CharField(label="Reply", max_length=480, error_messages={"required": "Write something."})
