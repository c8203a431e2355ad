"""A journey with a prescriber, a nurse and a list of medicines."""

from datetime import datetime, timedelta
from decimal import Decimal

from pathway.actions.holds import dangers, sign_hold
from pathway.actions.medicines import change_medicine, record_result
from pathway.models import Journey, MedicationHold, WorkItem
from patients.actions.keep_medicines import ToldMedicine
from patients.models import LAB_UNITS, LabKind
from tests.builders import NOW, make_clinic, make_journey, make_patient, make_staff

PROCEDURE = NOW + timedelta(days=14)


class World:
    """One journey, booked two weeks ahead unless told otherwise."""

    def __init__(self, *, procedure_at: datetime | None = PROCEDURE) -> None:
        self.clinic = make_clinic()
        self.doctor, self.nurse = make_staff(self.clinic, "prescriber"), make_staff(self.clinic, "nurse")
        self.patient = make_patient(self.clinic)
        self.journey: Journey = make_journey(self.patient, procedure_at=procedure_at)

    def takes(self, name: str, *, now: datetime = NOW, **facts: object) -> None:
        told = ToldMedicine(name, **facts)  # type: ignore[arg-type]
        change_medicine(patient=self.patient, told=told, by=self.nurse, now=now)

    def result(self, kind: LabKind, value: str, taken_at: datetime, now: datetime | None = None) -> None:
        record_result(
            patient=self.patient, kind=kind, value=Decimal(value), unit=LAB_UNITS[kind], taken_at=taken_at,
            by=self.nurse, now=now or taken_at,
        )  # fmt: skip

    def hold(self, drug: str) -> MedicationHold:
        return MedicationHold.objects.select_related("journey").exclude(state="declined").get(
            journey=self.journey, drug=drug
        )  # fmt: skip

    def signed(self, drug: str, *, now: datetime = NOW, **named: object) -> MedicationHold:
        shown = dangers().version
        return sign_hold(hold=self.hold(drug), by=self.doctor, now=now, dangers_shown=shown, **named)  # type: ignore[arg-type]

    def tasks(self) -> list[str]:
        return sorted(self._undone().values_list("kind", flat=True))

    def task(self, kind: str) -> WorkItem:
        return self._undone().get(kind=kind)

    def _undone(self):
        return WorkItem.objects.filter(journey=self.journey).exclude(state="resolved")
