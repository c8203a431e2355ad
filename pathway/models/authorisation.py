"""Whether the insurer pays for the procedure."""

from django.db import models
from django.db.models import Q

from pathway.models.journey import Journey, choices
from pathway.states import AuthorisationState
from patients.models import Staff


class PriorAuthorisation(models.Model):
    """How the prior authorisation of a journey stands now; its history is in the journey's events.

    `number` and `expires_date` (the last day on which it is valid, on the clinic's calendar) are those of an approval.
    `note` is what the insurer asked for, or why it said no.
    """

    journey = models.OneToOneField(Journey, on_delete=models.CASCADE, related_name="authorisation")
    state = models.CharField(max_length=12, choices=choices(AuthorisationState), default=AuthorisationState.DRAFT.value)
    number = models.CharField(max_length=40, blank=True, default="")
    expires_date = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True, default="")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="authorisation_approved_with_number_and_expiry",
                condition=(Q(state="approved", expires_date__isnull=False) & ~Q(number=""))
                | (~Q(state="approved") & Q(number="", expires_date__isnull=True)),
                violation_error_message="An approval has a number and an expiry date, and nothing else has.",
            ),
            models.CheckConstraint(
                name="authorisation_refused_with_note",
                condition=~Q(state__in=["more-info", "denied"]) | ~Q(note=""),
                violation_error_message="Write down what the insurer asks for, or why it says no.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_state_display()
