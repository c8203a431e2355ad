"""The back office of facts, for support staff (superusers) only. Nurses and prescribers never need it."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from patients.models import AuditEvent, Caregiver, Consent, ContactPoint, Medication, Membership, Staff


class ReadOnlyAdmin(admin.ModelAdmin):
    """History is looked at, never changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0


@admin.register(Staff)
class StaffAdmin(UserAdmin):
    inlines = [MembershipInline]


class ClinicAdmin(admin.ModelAdmin):
    """Registered by `pathway.admin`, since a clinic's zone and hours decide when its patients' messages go out."""

    list_display = ["name", "zone", "phone"]


class ContactInline(admin.TabularInline):
    model = ContactPoint
    extra = 0


class CaregiverInline(admin.StackedInline):
    model = Caregiver
    extra = 0
    raw_id_fields = ["consent_by"]


class ConsentInline(admin.TabularInline):
    model = Consent
    extra = 0


class MedicationInline(admin.TabularInline):
    model = Medication
    extra = 0
    raw_id_fields = ["recorded_by", "stopped_by"]


class PatientAdmin(admin.ModelAdmin):
    """Registered by `pathway.admin`, since a patient's zone, language and contacts decide what they are sent."""

    list_display = ["record_number", "family_name", "given_name", "clinic"]
    list_select_related = ["clinic"]
    list_filter = ["clinic", "language"]
    search_fields = ["record_number", "family_name", "given_name"]
    inlines = [ContactInline, CaregiverInline, ConsentInline, MedicationInline]


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "by", "clinic", "verb", "what"]
    list_select_related = ["by", "clinic"]
    list_filter = ["verb", "clinic"]
    date_hierarchy = "at"
