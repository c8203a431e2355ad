"""The back office of what we told people: read only."""

from django.contrib import admin

from notifications.models import DeliveryAttempt, Message, StrayMessage
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


@admin.register(StrayMessage)
class StrayMessageAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "clinic", "channel", "why", "settled_at"]
    list_filter = ["channel"]
    date_hierarchy = "received_at"
