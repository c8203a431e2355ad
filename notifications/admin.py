"""The back office of what we told people: read only."""

from django.contrib import admin

from notifications.models import DeliveryAttempt, Message
from patients.admin import ReadOnlyAdmin


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "journey_id", "channel", "state", "sent_at", "segments"]
    list_filter = ["state", "channel"]
    date_hierarchy = "created_at"


@admin.register(DeliveryAttempt)
class DeliveryAttemptAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "message_id", "outcome", "finished_at", "error"]
    list_filter = ["outcome"]
