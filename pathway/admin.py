"""The back office of what should happen: looked at by support staff, changed only through the actions."""

from django.contrib import admin

from pathway.models import (
    Journey,
    JourneyEvent,
    MedicationHold,
    PatientLink,
    Protocol,
    ProtocolVersion,
    Reminder,
    WorkItem,
)
from patients.admin import ReadOnlyAdmin


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


@admin.register(PatientLink)
class PatientLinkAdmin(ReadOnlyAdmin):
    list_display = ["journey_id", "created_at", "expires_at", "revoked_at", "locked_until"]
    fields = ["journey", "created_at", "expires_at", "revoked_at", "wrong_answers", "locked_until"]
