"""The back office of what should happen: looked at by support staff, changed only through the actions.

The facts that plans are made from, clinics and patients, are changed here too: every journey that they bear on is
planned again at once.
"""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from pathway.actions.replan import replan
from pathway.models import (
    Cancellation,
    CandidacyAssessment,
    CandidacyDecision,
    Journey,
    JourneyEvent,
    Measurement,
    MedicationHold,
    PatientLink,
    PriorAuthorisation,
    Protocol,
    ProtocolVersion,
    Reminder,
    WorkItem,
)
from pathway.states import JOURNEY_ENDED
from patients.admin import ClinicAdmin, PatientAdmin, ReadOnlyAdmin
from patients.models import Clinic, Patient, Staff


class ReplanningAdmin(admin.ModelAdmin):
    """Facts that plans are made from: saving them plans every journey that they bear on again."""

    facts_of_journey: str
    """The way from a journey to these facts, as a query says it."""

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        """Save the rows below, the last part of a save, and plan again.

        Django saves the whole page in one transaction: where a journey cannot be planned, nothing is saved.
        """
        with transaction.atomic():
            super().save_related(request, form, formsets, change)
            if not change or not any(part.has_changed() for part in (form, *formsets)):
                return
            now = timezone.now()
            by = request.user if isinstance(request.user, Staff) else None
            journeys = Journey.objects.filter(**{self.facts_of_journey: form.instance})
            for journey in journeys.exclude(state__in=JOURNEY_ENDED).order_by("pk"):
                replan(journey, by=by, now=now)


@admin.register(Clinic)
class ReplanningClinicAdmin(ReplanningAdmin, ClinicAdmin):
    """A clinic; its journeys follow from its zone, sending window, arrival lead and fasting."""

    facts_of_journey = "patient__clinic"


@admin.register(Patient)
class ReplanningPatientAdmin(ReplanningAdmin, PatientAdmin):
    """A patient with their contact points; the journeys follow from the zone and the language."""

    facts_of_journey = "patient"


@admin.register(Protocol)
class ProtocolAdmin(ReadOnlyAdmin):
    list_display = ["key", "title"]


@admin.register(ProtocolVersion)
class ProtocolVersionAdmin(ReadOnlyAdmin):
    list_display = ["protocol", "version", "published_at", "published_by"]
    list_select_related = ["protocol", "published_by"]


@admin.register(Journey)
class JourneyAdmin(ReadOnlyAdmin):
    list_display = ["id", "case_number", "clinic", "state", "plan_version", "planned_at"]
    list_select_related = ["clinic"]
    list_filter = ["state", "clinic"]
    search_fields = ["case_number", "patient__record_number"]


@admin.register(JourneyEvent)
class JourneyEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "journey_id", "kind", "by", "why"]
    list_select_related = ["by"]
    list_filter = ["kind"]
    date_hierarchy = "at"


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    list_display = ["journey_id", "key", "state", "send_at", "run_at", "sent_at", "reason"]
    list_filter = ["state"]


@admin.register(MedicationHold)
class MedicationHoldAdmin(ReadOnlyAdmin):
    list_display = ["journey_id", "drug", "duration", "state", "signed_by", "signed_at"]
    list_select_related = ["signed_by"]
    list_filter = ["state"]


@admin.register(WorkItem)
class WorkItemAdmin(ReadOnlyAdmin):
    list_display = ["journey_id", "kind", "priority", "state", "due_at", "claimed_by", "outcome"]
    list_select_related = ["claimed_by"]
    list_filter = ["state", "kind", "clinic"]


@admin.register(Cancellation)
class CancellationAdmin(ReadOnlyAdmin):
    list_display = ["at", "journey_id", "reason", "when", "note", "by"]
    list_select_related = ["by"]
    list_filter = ["reason", "when"]
    date_hierarchy = "at"


@admin.register(PatientLink)
class PatientLinkAdmin(ReadOnlyAdmin):
    list_display = ["journey_id", "created_at", "expires_at", "revoked_at", "locked_until"]
    fields = ["journey", "created_at", "expires_at", "revoked_at", "wrong_answers", "locked_until"]


@admin.register(CandidacyAssessment)
class CandidacyAssessmentAdmin(ReadOnlyAdmin):
    list_display = ["journey_id", "result", "at", "by"]
    list_select_related = ["by"]
    list_filter = ["result"]


@admin.register(CandidacyDecision)
class CandidacyDecisionAdmin(ReadOnlyAdmin):
    list_display = ["journey_id", "decision", "result", "reason", "at", "by"]
    list_select_related = ["by"]
    list_filter = ["decision", "result"]


@admin.register(PriorAuthorisation)
class PriorAuthorisationAdmin(ReadOnlyAdmin):
    list_display = ["journey_id", "state", "number", "expires_date", "changed_at", "changed_by"]
    list_select_related = ["changed_by"]
    list_filter = ["state"]


@admin.register(Measurement)
class MeasurementAdmin(ReadOnlyAdmin):
    list_display = ["journey_id", "measure", "entered_value", "entered_unit", "at", "source", "retracted_at"]
    list_filter = ["measure", "source"]
