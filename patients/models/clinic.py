"""The clinic, the people who work there, and what each may do."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from phonenumber_field.modelfields import PhoneNumberField

from patients.zones import zone_names

CLEAR_LIQUIDS_FLOOR = timedelta(hours=2)
"""Clear liquids are never allowed later than this before a procedure (ASA 2017; clinical facts, section 4)."""

FASTING_FLOOR = timedelta(hours=6)
"""Food is never allowed later than this before a procedure (ASA 2017: light meal, 6 h; clinical facts, section 4)."""


def check_zone(value: str) -> None:
    """Raise `ValidationError` unless `value` is the IANA time zone of a place, such as `America/New_York`, or UTC."""
    if value not in zone_names():
        raise ValidationError(f"“{value}” is not a time zone; use a name such as America/New_York")


class Clinic(models.Model):
    """One site with one policy. Wall times are local to `zone`; durations are elapsed time."""

    name = models.CharField(max_length=60, unique=True)
    zone = models.CharField("time zone", max_length=50, validators=[check_zone])
    phone = PhoneNumberField(help_text="the number in every message")
    address = models.TextField()
    window_opens = models.TimeField("messages go out from", default=time(8))
    window_closes = models.TimeField("messages go out until", default=time(20))
    arrival_lead = models.DurationField("arrive before the procedure", default=timedelta(hours=1))
    fasting = models.DurationField("no food before the procedure", default=FASTING_FLOOR)
    fasting_heavy = models.DurationField(
        "no fried or fatty food and no meat before the procedure", default=timedelta(hours=8)
    )
    clear_liquids = models.DurationField("no clear liquids before the procedure", default=CLEAR_LIQUIDS_FLOOR)
    phone_any_hour = PhoneNumberField(
        "number for any hour", blank=True, default="", help_text="answered day and night, for patients at home"
    )

    needs_authorisation = models.BooleanField(
        "book a procedure only with the insurer's approval",
        default=False,
        help_text="valid on the day of the procedure",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="clinic_window_opens_before_it_closes",
                condition=Q(window_opens__lt=F("window_closes")),
                violation_error_message="The sending window must open before it closes.",
            ),
            models.CheckConstraint(
                name="clinic_fasting_at_least_six_hours",
                condition=Q(fasting__gte=FASTING_FLOOR),
                violation_error_message="Food can never be allowed later than six hours before the procedure.",
            ),
            models.CheckConstraint(
                name="clinic_heavy_food_not_later_than_light",
                condition=Q(fasting_heavy__gte=F("fasting")),
                violation_error_message="Fried or fatty food and meat cannot be allowed later than other food: "
                "give them as long a time or a longer one.",
            ),
            models.CheckConstraint(
                name="clinic_clear_liquids_at_least_two_hours",
                condition=Q(clear_liquids__gte=CLEAR_LIQUIDS_FLOOR),
                violation_error_message="Clear liquids can never be allowed later than two hours before the procedure.",
            ),
            models.CheckConstraint(
                name="clinic_arrival_lead_not_negative",
                condition=Q(arrival_lead__gte=timedelta(0)),
                violation_error_message="Patients cannot be asked to arrive after the procedure.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class Role(models.TextChoices):
    """What a person may do in one clinic."""

    NURSE = "nurse", "Nurse"
    PRESCRIBER = "prescriber", "Prescriber"
    ADMIN = "admin", "Admin"
    INTEGRATION = "integration", "Integration"


class Staff(AbstractUser):
    """A person, or a system, that signs in. What they may see follows from their memberships."""

    clinics: "models.ManyToManyField[Clinic, Membership]" = models.ManyToManyField(
        Clinic, through="Membership", related_name="staff", through_fields=("staff", "clinic")
    )

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Membership(models.Model):
    """One role of one person in one clinic."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="memberships")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "clinic", "role"], name="membership_once_per_role"),
        ]

    def __str__(self) -> str:
        return f"{self.staff}: {self.get_role_display()} at {self.clinic}"
