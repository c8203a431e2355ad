"""The patient, how to reach them, what they agreed to and what they take."""

from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from phonenumber_field.modelfields import PhoneNumberField

from patients.models.clinic import Clinic, Staff, check_zone


class Language(models.TextChoices):
    """Languages in which patients are written to."""

    ENGLISH = "en", "English"
    SPANISH = "es", "Español"


class Patient(models.Model):
    """A person in care. `zone` is empty when it is the clinic's."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="patients")
    record_number = models.CharField(max_length=40)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    birth_date = models.DateField()
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    zone = models.CharField(
        "own time zone",
        max_length=50,
        blank=True,
        default="",
        validators=[check_zone],
        help_text="empty: the clinic's",
    )
    stopped_at = models.DateTimeField(
        "texts stopped",
        null=True,
        blank=True,
        help_text="set when the patient opts out: nothing more is sent on any channel, people call instead",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "record_number"], name="patient_record_number_once_per_clinic"),
        ]
        indexes = [models.Index(fields=["clinic", "family_name", "given_name"], name="patient_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def tz(self) -> ZoneInfo:
        """The zone in which this patient reads clock times: their own, or else the clinic's."""
        return ZoneInfo(self.zone or self.clinic.zone)


class Caregiver(models.Model):
    """Someone who helps, and may be told only after the patient agreed (`consented_at`).

    Beside that moment stand the words that the patient agreed to, how they said so, and who wrote it down.
    """

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, related_name="caregiver")
    name = models.CharField(max_length=120)
    relation = models.CharField(max_length=40, blank=True, default="")
    phone = PhoneNumberField(blank=True, default="")
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    consented_at = models.DateTimeField(
        null=True, blank=True, help_text="when the patient agreed that this person gets copies of the messages"
    )
    consent_wording = models.TextField(blank=True, default="")
    consent_source = models.CharField(max_length=60, blank=True, default="", help_text="for example: on the phone")
    consent_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stopped_at = models.DateTimeField(null=True, blank=True, help_text="when this person asked for no more copies")

    def __str__(self) -> str:
        return f"{self.name} ({self.relation})" if self.relation else self.name


class ContactKind(models.TextChoices):
    """How a contact point is reached."""

    SMS = "sms", "Text message"
    VOICE = "voice", "Phone call"
    EMAIL = "email", "Email"


class ContactPoint(models.Model):
    """One way to reach a patient; the lowest `rank` that works is tried first. Numbers are E.164."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=5, choices=ContactKind.choices)
    phone = PhoneNumberField(blank=True, default="")
    email = models.EmailField(blank=True, default="")
    rank = models.PositiveSmallIntegerField(default=1)
    opted_out_at = models.DateTimeField(null=True, blank=True)
    undeliverable_at = models.DateTimeField(null=True, blank=True)
    undeliverable_reason = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contact_has_the_address_of_its_kind",
                condition=(Q(kind="email") & ~Q(email="") & Q(phone=""))
                | (Q(kind__in=["sms", "voice"]) & ~Q(phone="") & Q(email="")),
                violation_error_message="A text or call needs a phone number, an email an address, and not both.",
            ),
            models.UniqueConstraint(fields=["patient", "kind", "phone", "email"], name="contact_once_per_patient"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.address}"

    @property
    def address(self) -> str:
        return self.email if self.kind == ContactKind.EMAIL else self.phone.as_e164


class Consent(models.Model):
    """That the patient agreed to be written to: the wording they saw, where, and when."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="consents")
    wording = models.TextField()
    source = models.CharField(max_length=60, help_text="for example: schedule import, signed form, phone")
    given_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.source} at {self.given_at:%Y-%m-%d %H:%M}"
