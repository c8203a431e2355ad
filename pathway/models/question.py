"""A question that a text put to the patient, until it is answered or a person takes over."""

from django.db import models
from django.db.models import Q

from pathway.models.journey import Journey
from pathway.models.reminder import Reminder


class Question(models.Model):
    """What one reminder asked, from the moment it went out. Instants are UTC.

    `answers` names the set of answers it takes (see `pathway.answers`). Silence at `ask_again_at` asks once more on the
    next channel, silence at `tell_at` becomes a work item; either may be empty. It is open until `closed_at`: answered
    (`answer`), superseded, or of no use any more.
    """

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="questions")
    reminder = models.OneToOneField(Reminder, on_delete=models.CASCADE, related_name="question")
    answers = models.SlugField(max_length=20, db_index=False)
    asked_at = models.DateTimeField()
    ask_again_at = models.DateTimeField(null=True, blank=True)
    asked_again_at = models.DateTimeField(null=True, blank=True)
    tell_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    answer = models.SlugField(max_length=20, db_index=False, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="question_answer_and_time_together",
                condition=(Q(answer="") & Q(answered_at__isnull=True)) | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="question_answered_is_closed",
                condition=Q(answered_at__isnull=True) | Q(closed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["journey", "asked_at"], condition=Q(closed_at=None), name="question_open"),
            models.Index(
                fields=["ask_again_at"], condition=Q(closed_at=None, asked_again_at=None), name="question_to_ask_again"
            ),
            models.Index(fields=["tell_at"], condition=Q(closed_at=None, told_at=None), name="question_to_tell"),
        ]

    def __str__(self) -> str:
        return f"{self.answers} asked at {self.asked_at:%Y-%m-%d %H:%M}Z"
