"""One value of an outcome measure."""

from django.db import models
from django.db.models import Q

from pathway.models.journey import Journey
from patients.models import Staff


class Source(models.TextChoices):
    """Who says so."""

    PATIENT = "patient", "Patient"
    STAFF = "staff", "Staff"
    IMPORT = "import", "Import"


class Measurement(models.Model):
    """A value at an instant (UTC): as it was entered, and in the measure's own unit, which is what counts.

    A value that was mistyped stays and is `corrected_by` another; one that never was the patient's is retracted.
    `occasion` is the milestone or step at which it was asked, empty when it was none of those.
    """

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="measurements")
    measure = models.SlugField(max_length=40, db_index=False)
    value = models.DecimalField(max_digits=14, decimal_places=6, help_text="in `unit`")
    unit = models.CharField(max_length=12)
    entered_value = models.DecimalField(max_digits=12, decimal_places=2, help_text="in `entered_unit`")
    entered_unit = models.CharField(max_length=12)
    at = models.DateTimeField()
    occasion = models.SlugField(max_length=40, db_index=False, blank=True, default="")
    source = models.CharField(max_length=7, choices=Source.choices)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    retracted_at = models.DateTimeField(null=True, blank=True)
    retracted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retracted_why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="measurement_of_staff_names_them",
                condition=~Q(source="staff") | Q(recorded_by__isnull=False),
            ),
            models.CheckConstraint(
                name="measurement_of_the_patient_is_by_nobody_else",
                condition=~Q(source="patient") | Q(recorded_by__isnull=True),
            ),
            models.CheckConstraint(
                name="measurement_retracted_by_at_and_why_together",
                condition=Q(retracted_at__isnull=True, retracted_by__isnull=True, retracted_why="")
                | (Q(retracted_at__isnull=False, retracted_by__isnull=False) & ~Q(retracted_why="")),
            ),
            models.CheckConstraint(
                name="measurement_taken_before_it_is_recorded",
                condition=Q(at__lte=models.F("recorded_at")),
            ),
        ]
        indexes = [models.Index(fields=["journey", "measure", "at"], name="measurement_by_journey")]

    def __str__(self) -> str:
        return f"{self.measure} {self.entered_value} {self.entered_unit}"
