"""What the patient takes, and the results that decide what is done about it."""

from django.db import models
from django.db.models import Q

from patients.models.clinic import Staff
from patients.models.patient import Patient


class Medication(models.Model):
    """A medicine on the patient's list, as it was told. Whether it is held is the pathway's question.

    What nobody asked yet is empty, or None: `variant` (the answer where a fact decides between two ways of taking it),
    `has_stent`, `has_risk_flag`. From `stopped_at` on the patient does not take it any more.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="medications")
    name = models.CharField(max_length=80)
    rxcui = models.CharField("RxCUI", max_length=12, blank=True, default="")
    dose = models.CharField(max_length=80, blank=True, default="")
    schedule = models.CharField(max_length=80, blank=True, default="", help_text="for example: twice a day")
    indication = models.CharField("taken for", max_length=120, blank=True, default="")
    variant = models.CharField(
        max_length=30, blank=True, default="", help_text="what decides, for example secondary-prevention or weekly"
    )
    has_stent = models.BooleanField(null=True, blank=True, help_text="empty: nobody asked")
    has_risk_flag = models.BooleanField(null=True, blank=True, help_text="empty: nobody asked")
    stopped_at = models.DateTimeField("not taken any more since", null=True, blank=True)
    stopped_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "name"], name="medication_once_per_patient"),
            models.CheckConstraint(
                name="medication_stopped_by_and_at_together",
                condition=Q(stopped_by__isnull=True, stopped_at__isnull=True)
                | Q(stopped_by__isnull=False, stopped_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LabKind(models.TextChoices):
    """Results that decide about a medicine."""

    INR = "inr", "INR"
    CREATININE_CLEARANCE = "creatinine-clearance", "Creatinine clearance"


LAB_UNITS = {LabKind.INR: "ratio", LabKind.CREATININE_CLEARANCE: "mL/min"}
"""The one unit in which each result is kept."""


class LabResult(models.Model):
    """One result: what, how much, in which unit, when the sample was taken (UTC), and who wrote it down. Only added."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="lab_results")
    kind = models.CharField(max_length=24, choices=LabKind.choices)
    value = models.DecimalField(max_digits=6, decimal_places=2)
    unit = models.CharField(max_length=10)
    taken_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="lab_result_positive", condition=Q(value__gt=0)),
            models.CheckConstraint(
                name="lab_result_in_the_unit_of_its_kind",
                condition=Q(kind="inr", unit="ratio") | Q(kind="creatinine-clearance", unit="mL/min"),
            ),
            models.CheckConstraint(
                name="lab_result_recorded_after_it_was_taken", condition=Q(taken_at__lte=models.F("recorded_at"))
            ),
        ]
        indexes = [models.Index(fields=["patient", "kind", "-taken_at"], name="lab_result_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value} {self.unit}"
