"""Forms about messages: a stop and its end, who gets copies, a message of nobody, and the demo's reply."""

from django import forms
from django.forms.models import model_to_dict
from phonenumber_field.formfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber

from pathway.forms import DescribedForm
from patients.actions.keep_caregiver import ToldCaregiver
from patients.models import Caregiver, Language, Patient


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


class CaregiverForm(DescribedForm):
    """Who helps the patient, and whether the patient agreed that they get copies of the texts."""

    ids = "caregiver_%s"
    name = forms.CharField(label="Name", max_length=120, error_messages={"required": "Enter the name."})
    relation = forms.CharField(label="Relation to the patient", required=False, max_length=40)
    phone = PhoneNumberField(
        label="Mobile number",
        required=False,
        error_messages={"invalid": "Enter a number such as (202) 555-0177."},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    language = forms.ChoiceField(label="Language of the copies", choices=Language.choices)
    agreed = forms.BooleanField(label="The patient agreed that this person gets copies of the texts", required=False)
    source = forms.CharField(label="How did the patient agree?", required=False, max_length=60)

    def __init__(self, *args: object, patient: Patient, caregiver: Caregiver | None, **kwargs: object) -> None:
        known: dict[str, object] = {"language": patient.language}
        if caregiver is not None:
            known = model_to_dict(caregiver, fields=["name", "relation", "language"])
            known["phone"] = caregiver.phone.as_national if caregiver.phone else ""
            known["agreed"], known["source"] = caregiver.consented_at is not None, caregiver.consent_source
        super().__init__(*args, initial=known, **kwargs)
        self.patient = patient

    def clean_phone(self) -> PhoneNumber | str:
        phone = self.cleaned_data["phone"]
        if phone and self.patient.contacts.filter(phone=phone).exists():
            raise forms.ValidationError("This is the patient's own number, which gets the texts already.")
        return phone

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("agreed"):
            if not cleaned.get("source"):
                self.add_error("source", "Say how: on the phone, on a signed form.")
            if "phone" in cleaned and not cleaned["phone"]:
                self.add_error("phone", "Enter the number to which the copies go.")
        return cleaned

    def told(self) -> ToldCaregiver:
        """What the valid form says. How the patient agreed counts only where they did."""
        data = self.cleaned_data
        phone = data["phone"].as_e164 if data["phone"] else ""
        agreed = data["source"] if data["agreed"] else ""
        return ToldCaregiver(data["name"], data["relation"], phone, data["language"], agreed)


class StrayForm(DescribedForm):
    """What came of a message from an unknown number."""

    outcome = forms.CharField(
        label="What came of it?", max_length=200, error_messages={"required": "Say what came of it."}
    )


class ReplyForm(DescribedForm):
    """What a patient or caregiver writes back, in the demo."""

    body = forms.CharField(label="Reply", max_length=480, error_messages={"required": "Write something."})
