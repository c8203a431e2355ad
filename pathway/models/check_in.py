"""What a patient is asked about how they are, and what they answered."""

from django.db import models
from django.db.models import Q

from pathway.models.journey import Journey
from patients.models import Staff


class AnsweredBy(models.TextChoices):
    """How the answers came."""

    PAGE = "page", "The patient's page"
    PHONE = "phone", "Staff, by phone"
    TEXT = "text", "A text"


class CheckIn(models.Model):
    """One check-in of a journey (see `pathway.check_ins`), from when it can be answered. Instants are UTC.

    `answers` maps the protocol's questions to what was said, saved as they come: a check-in that is begun is kept.
    `answered_at` is when the last answer came, `answered_via` how it came, `answered_by` who wrote it down if a person.
    """

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="check_ins")
    key = models.SlugField(max_length=40)
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    answers = models.JSONField(default=dict, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_via = models.CharField(max_length=5, choices=AnsweredBy.choices, blank=True, default="")
    answered_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    told_at = models.DateTimeField(null=True, blank=True, help_text="when somebody was told of the silence")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["journey", "key"], name="check_in_once_per_journey"),
            models.CheckConstraint(
                name="check_in_answered_at_and_via_together",
                condition=Q(answered_at__isnull=True, answered_via="")
                | (Q(answered_at__isnull=False) & ~Q(answered_via="")),
            ),
            models.CheckConstraint(
                name="check_in_by_phone_names_who",
                condition=Q(answered_via="phone", answered_by__isnull=False)
                | (~Q(answered_via="phone") & Q(answered_by__isnull=True)),
            ),
            models.CheckConstraint(
                name="check_in_moments_in_order",
                condition=Q(opens_at__lte=models.F("due_at"), due_at__lte=models.F("closes_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(answered_at=None, told_at=None), name="check_in_to_tell"),
        ]

    def __str__(self) -> str:
        return f"{self.key} due {self.due_at:%Y-%m-%d %H:%M}Z"
