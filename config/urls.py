"""Every address of the site."""

from django.contrib import admin
from django.urls import path

from config.views import dispatch_healthz, healthz, readyz
from notifications.views import clinical, health, journey, journey_after, metrics, outbox, stop, strays
from notifications.webhooks import emails, twilio
from pathway.views import check_in, holds, journeys, patient_page, procedure_day, today, work_items
from patients.views import sign_in

admin.site.site_header = "Milepost back office"
admin.site.site_title = "Milepost"

urlpatterns = [
    path("", today.today, name="today"),
    path("work/<int:item_id>/claim", work_items.claim, name="item-claim"),
    path("work/<int:item_id>/release", work_items.release, name="item-release"),
    path("work/<int:item_id>/done", work_items.done, name="item-done"),
    path("work/<int:item_id>/later", work_items.later, name="item-later"),
    path("journeys/", journeys.journeys, name="journeys"),
    path("journeys/<int:journey_id>/", journey.journey, name="journey"),
    path("journeys/<int:journey_id>/book", journey.book_milestone, name="journey-book"),
    path("journeys/<int:journey_id>/record", journey.record_milestone, name="journey-record"),
    path("journeys/<int:journey_id>/cancel", journey.cancel_journey, name="journey-cancel"),
    path("journeys/<int:journey_id>/stop-texts", journey.stop_patient_texts, name="journey-stop-texts"),
    path("journeys/<int:journey_id>/resume-texts", journey.resume_patient_texts, name="journey-resume-texts"),
    path("journeys/<int:journey_id>/caregiver", journey.save_caregiver, name="journey-caregiver"),
    path("journeys/<int:journey_id>/caregiver/remove", journey.remove_caregiver, name="journey-remove-caregiver"),
    path("journeys/<int:journey_id>/candidacy", clinical.record_answers, name="journey-candidacy"),
    path("journeys/<int:journey_id>/candidacy/decide", clinical.decide, name="journey-decide"),
    path("journeys/<int:journey_id>/authorisation", clinical.authorise, name="journey-authorisation"),
    path("journeys/<int:journey_id>/measures", clinical.measure, name="journey-measure"),
    path("journeys/<int:journey_id>/measures/correct", clinical.correct, name="journey-correct-measure"),
    path("journeys/<int:journey_id>/check-in/<slug:key>", journey_after.save_check_in, name="journey-check-in"),
    path("journeys/<int:journey_id>/missed", journey_after.miss, name="journey-missed"),
    path("journeys/<int:journey_id>/close-visit", journey_after.close, name="journey-close-visit"),
    path("journeys/<int:journey_id>/therapy", journey_after.refer, name="journey-therapy"),
    path("journeys/<int:journey_id>/task", journey_after.add_task, name="journey-task"),
    path("journeys/<int:journey_id>/holds/", holds.holds, name="holds"),
    path("journeys/<int:journey_id>/holds/medicine", holds.save_medicine, name="medicine"),
    path(
        "journeys/<int:journey_id>/holds/medicine/<int:medication_id>/ended", holds.end_medicine, name="medicine-ended"
    ),
    path("journeys/<int:journey_id>/holds/result", holds.save_result, name="result"),
    path("journeys/<int:journey_id>/holds/by-hand", holds.draft_by_hand, name="hold-by-hand"),
    path("holds/<int:hold_id>/<slug:what>", holds.change, name="hold-change"),
    path("journeys/<int:journey_id>/day/", procedure_day.procedure_day, name="procedure-day"),
    path("journeys/<int:journey_id>/day/meal", procedure_day.save_intake, name="day-intake"),
    path("journeys/<int:journey_id>/day/ready", procedure_day.save_readiness, name="day-readiness"),
    path("journeys/<int:journey_id>/day/stage", procedure_day.save_stage, name="day-stage"),
    path("journeys/<int:journey_id>/day/score/<slug:key>", procedure_day.save_score, name="day-score"),
    path("journeys/<int:journey_id>/day/checklist", procedure_day.save_checklist, name="day-checklist"),
    path("journeys/<int:journey_id>/day/escort", procedure_day.save_escort, name="day-escort"),
    path("journeys/<int:journey_id>/day/stay", procedure_day.save_stay, name="day-stay"),
    path("messages/unknown/", strays.strays, name="strays"),
    path("messages/unknown/<int:stray_id>/settle", strays.settle, name="stray-settle"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:patient_id>/", outbox.outbox, {"recipient": "patient"}, name="outbox-phone"),
    path("outbox/<int:patient_id>/caregiver/", outbox.outbox, {"recipient": "caregiver"}, name="outbox-phone"),
    path("outbox/<int:patient_id>/reply", outbox.reply, {"recipient": "patient"}, name="outbox-reply"),
    path("outbox/<int:patient_id>/caregiver/reply", outbox.reply, {"recipient": "caregiver"}, name="outbox-reply"),
    path("reminders/alarm", health.reminder_alarm, name="reminder-alarm"),
    path("reminders/line", health.reminder_line, name="reminder-line"),
    path("p/<slug:token>/check-in/<slug:key>", check_in.check_in, name="check-in"),
    path("p/<slug:token>/check-in/<slug:key>/911", check_in.call_now, name="check-in-911"),
    path("p/<slug:token>/check-in/<slug:key>/<slug:question>", check_in.ask, name="check-in-question"),
    path("p/<slug:token>", patient_page.open_link, name="patient-page"),
    path("stop/<str:token>", stop.stop, name="stop-messages"),
    path("hooks/twilio/status/<uuid:message_id>", twilio.status, name="twilio-status"),
    path("hooks/twilio/message", twilio.message, name="twilio-message"),
    path("hooks/twilio/voice/<uuid:message_id>/key", twilio.key, name="twilio-key"),
    path("hooks/email", emails.receipts, name="email-receipts"),
    path("hooks/email/<int:clinic_id>", emails.receipts, name="email-receipts"),
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("healthz", healthz),
    path("healthz/dispatch", dispatch_healthz),
    path("readyz", readyz),
    path("metrics", metrics.metrics),
    path("admin/", admin.site.urls),
]
