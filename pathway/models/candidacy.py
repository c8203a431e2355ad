"""What was answered at the consult, and what a clinician made of it. Rows are only ever added."""

from django.db import models
from django.db.models import Q

from pathway.models.journey import Journey, choices
from pathway.states import JourneyState, Verdict
from patients.models import Staff

RESULTS = (Verdict.MEETS, Verdict.DOES_NOT_MEET, Verdict.MISSING)
DECISIONS = (JourneyState.CANDIDATE, JourneyState.NOT_A_CANDIDATE)


class CandidacyAssessment(models.Model):
    """The answers to the checklist of the journey's protocol version (see `pathway.candidacy`), and its result.

    A later assessment stands beside the earlier ones: the last one counts.
    """

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="assessments")
    answers = models.JSONField(default=dict)
    result = models.CharField(max_length=16, choices=[(one.value, one.value) for one in RESULTS])
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="candidacy_result_is_one",
                condition=Q(result__in=[one.value for one in RESULTS]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.result} at {self.at:%Y-%m-%d %H:%M}Z"


class CandidacyDecision(models.Model):
    """What a prescriber decided, on which assessment (None: nothing was recorded) and what the checklist said then."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="candidacy_decisions")
    assessment = models.ForeignKey(CandidacyAssessment, on_delete=models.PROTECT, null=True, blank=True)
    decision = models.CharField(max_length=16, choices=choices(DECISIONS))
    result = models.CharField(max_length=16, choices=[(one.value, one.value) for one in RESULTS])
    reason = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="candidacy_decision_is_one",
                condition=Q(decision__in=[one.value for one in DECISIONS]),
            ),
            models.CheckConstraint(
                name="candidacy_overruled_with_reason",
                condition=Q(decision="candidate", result="meets")
                | Q(decision="not-a-candidate", result="does-not-meet")
                | ~Q(reason=""),
                violation_error_message="Deciding against the checklist needs a reason.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} by {self.by}"
