"""Whether a patient is referred to physical therapy."""

from django.db import models
from django.db.models import Q

from pathway.models.journey import Journey
from patients.models import Staff


class TherapyReferral(models.Model):
    """The decision about physical therapy: yes with the day of the first visit where it is known, or no."""

    journey = models.OneToOneField(Journey, on_delete=models.CASCADE, related_name="therapy_referral")
    is_referred = models.BooleanField()
    first_visit_date = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="therapy_referral_date_only_when_referred",
                condition=Q(is_referred=True) | Q(first_visit_date__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return "referred" if self.is_referred else "not referred"
