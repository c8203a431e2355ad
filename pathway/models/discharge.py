"""What is written down before a patient goes home. Only ever added: of each thing the latest counts."""

from django.db import models
from django.db.models import Q

from pathway.models.journey import Journey
from patients.models import Staff


class RecoveryScore(models.Model):
    """One scoring of the patient, by a score of the protocol (`score_key`): points by item, and their sum."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="recovery_scores")
    score_key = models.SlugField(max_length=30)
    points = models.JSONField()
    total = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["journey", "score_key", "at"], name="recovery_score_latest")]

    def __str__(self) -> str:
        return f"{self.score_key}: {self.total}"


class DischargeAnswer(models.Model):
    """What a person answered to one item of the checklist: yes, no, words, or one of the item's choices."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="discharge_answers")
    item_key = models.SlugField(max_length=30)
    answer = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(name="discharge_answer_is_not_empty", condition=~Q(answer=""))]
        indexes = [models.Index(fields=["journey", "item_key", "at"], name="discharge_answer_latest")]

    def __str__(self) -> str:
        return f"{self.item_key}: {self.answer}"


class Escort(models.Model):
    """Who takes the patient home. `is_adult_who_stays`: staff asked; the driver of a ride service does not stay."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="escorts")
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20, help_text="E.164")
    is_present = models.BooleanField()
    is_adult_who_stays = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="escort_has_name_and_phone", condition=~Q(name="") & ~Q(phone="")),
        ]
        indexes = [models.Index(fields=["journey", "at"], name="escort_latest")]

    def __str__(self) -> str:
        return self.name
