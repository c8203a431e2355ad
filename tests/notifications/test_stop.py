"""STOP at once, on all channels, with one confirmation; START, HELP; and a stop that a nurse was told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from notifications.models import Message, StrayMessage
from notifications.queries.answered import answered_messages
from notifications.rendering import render
from pathway.actions.opt_out import resume_texts, stop_texts
from pathway.models import JourneyEvent, ProtocolVersion, Reminder, WorkItem
from pathway.queries.protocols import protocol_of
from pathway.wording import segments
from patients.models import AuditEvent, ContactPoint, Patient
from tests.builders import NOW, make_clinic, make_patient, make_staff
from tests.notifications.coming_back import make_caregiver, number_of, says, text_from
from tests.notifications.due import drain_at, make_bare_journey, make_due

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def answers() -> list[str]:
    """The texts of the answers that wait to go out."""
    return list(Reminder.objects.filter(origin="answer").order_by("pk").values_list("text", flat=True))


def fresh(patient: Patient) -> Patient:
    return Patient.objects.get(pk=patient.pk)


@pytest.mark.parametrize("body", ["STOP", "stop.", "ALTO", "please stop", "Cancel", "no más mensajes", "STOP to end"])
def test_stop_is_obeyed_at_once_with_a_task_to_call_and_one_confirmation(body):
    journey = make_bare_journey()
    says(journey.patient, body)
    assert fresh(journey.patient).stopped_at == NOW
    assert answers() == ["stopped"]
    item = WorkItem.objects.get()
    assert (item.kind, item.journey) == ("call-instead", journey)
    assert JourneyEvent.objects.get(kind="messages-stopped").why == "texted STOP"
    assert AuditEvent.objects.get().what == "messages stopped: texted STOP"
    assert Message.objects.get().meaning == "stop"


def test_stop_holds_on_every_channel():
    reminder = make_due()
    patient = reminder.journey.patient
    for kind, address in (("voice", {"phone": "+12025550188"}), ("email", {"email": "a@b.example"})):
        ContactPoint.objects.create(patient=patient, kind=kind, rank=2, **address)
    says(patient, "STOP")
    Reminder.objects.filter(origin="answer").update(run_at=NOW + timedelta(days=1))
    assert drain_at(NOW).missed == 1
    assert not Message.objects.filter(incoming=False).exists()
    assert WorkItem.objects.filter(kind="missed-message").exists()


def test_a_second_stop_confirms_nothing():
    patient = make_bare_journey().patient
    says(patient, "STOP")
    says(patient, "STOP!", now=LATER)
    assert answers() == ["stopped"]
    assert fresh(patient).stopped_at == NOW
    assert (WorkItem.objects.count(), Message.objects.count()) == (1, 2)


def test_stop_about_medicine_stops_nothing():
    patient = make_bare_journey().patient
    says(patient, "when do I stop my pills")
    assert fresh(patient).stopped_at is None
    assert WorkItem.objects.get().kind == "reply"


def test_stop_with_words_of_danger_still_alarms():
    patient = make_bare_journey().patient
    says(patient, "STOP chest pain")
    assert WorkItem.objects.get().kind == "danger-words"


def test_the_answer_row_names_the_message_and_is_due_now_for_an_hour():
    patient = make_bare_journey(make_patient(language="es")).patient
    says(patient, "ALTO")
    row, message = Reminder.objects.get(), Message.objects.get()
    assert (row.key, row.base_key, row.step, row.safety) == (f"answer/{message.pk}", "stopped", "answer", False)
    assert (row.send_at, row.run_at, row.intended_at) == (NOW, NOW, NOW)
    assert (row.useful_until, row.follows, row.clinic_id) == (NOW + timedelta(hours=1), None, patient.clinic_id)
    assert row.plan_version == row.journey.plan_version
    assert answered_messages({row.pk: row.key}) == {row.pk: message}
    assert (message.address, message.language) == (number_of(patient), "es")


def test_start_lifts_the_stop_and_confirms_nothing():
    patient = make_bare_journey().patient
    says(patient, "STOP")
    ContactPoint.objects.update(opted_out_at=NOW)
    says(patient, "start", now=LATER)
    assert fresh(patient).stopped_at is None
    assert ContactPoint.objects.get().opted_out_at is None
    assert answers() == ["stopped"]
    item = WorkItem.objects.get()
    assert (item.state, item.outcome) == ("resolved", "Messages are wanted again.")
    assert JourneyEvent.objects.filter(kind="messages-resumed", why="texted START").exists()


def test_a_start_right_after_a_stop_is_not_followed_by_you_will_get_no_more_texts():
    patient = make_bare_journey().patient
    says(patient, "STOP")
    says(patient, "START")
    drain_at(NOW)
    assert not Message.objects.filter(incoming=False).exists()
    assert Reminder.objects.get(text="stopped").state == "withdrawn"


def test_start_is_confirmed_where_the_protocol_has_words_for_it():
    journey = make_bare_journey()
    source = (
        journey.protocol_version.source + '\n[texts.resumed]\nen = "{clinic}: Welcome back."\nes = "{clinic}: Bien."\n'
    )
    version = ProtocolVersion.objects.create(
        protocol=journey.protocol_version.protocol, version="resumed", source=source, published_at=NOW
    )
    type(journey).objects.update(protocol_version=version)
    says(journey.patient, "STOP")
    says(journey.patient, "START", now=LATER)
    assert answers() == ["stopped", "resumed"]


def test_start_of_somebody_who_never_stopped_does_nothing():
    patient = make_bare_journey().patient
    says(patient, "START")
    assert (answers(), WorkItem.objects.count(), Message.objects.get().meaning) == ([], 0, "start")


@pytest.mark.parametrize("body", ["HELP", "ayuda", "Info"])
def test_help_is_answered_once_for_each_message_also_to_who_stopped(body):
    patient = make_bare_journey().patient
    says(patient, body, reference="SM1")
    says(patient, body, reference="SM1")
    assert answers() == ["help"]
    says(patient, "STOP")
    says(patient, body)
    assert answers() == ["help", "stopped", "help"]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("text", ["help", "stopped", "copies-stopped"])
def test_an_answer_fits_one_plain_text_also_where_a_protocol_lacks_it(language, text, monkeypatch):
    reminder = make_due(make_bare_journey(make_patient(language=language)), text=text)
    body = render(reminder, kind="sms").body
    assert (segments(body).count, segments(body).encoding) == (1, "GSM-7")
    monkeypatch.setattr("notifications.rendering.protocol_of", without(text))
    body = render(reminder, kind="sms").body
    assert (segments(body).count, segments(body).encoding) == (1, "GSM-7")
    assert "START" in body or "911" in body


def without(text):
    """A protocol from before it had this text."""

    def older(version):
        protocol = protocol_of(version)
        return replace(protocol, texts={key: words for key, words in protocol.texts.items() if key != text})

    return older


def couple():
    clinic = make_clinic()
    return [make_bare_journey(make_patient(clinic, phone="+12025550101")) for _ in range(2)]


def test_a_stop_from_a_shared_number_stops_both_and_is_confirmed_once():
    first, second = couple()
    assert says(first.patient, "STOP", reference="SM1")
    assert not says(first.patient, "STOP", reference="SM1")
    assert fresh(first.patient).stopped_at == fresh(second.patient).stopped_at == NOW
    assert answers() == ["stopped"]
    assert set(WorkItem.objects.values_list("journey", "kind")) == {
        (first.pk, "call-instead"),
        (second.pk, "call-instead"),
    }


def test_a_start_from_a_shared_number_is_asked_about_when_both_had_stopped():
    first, second = couple()
    says(first.patient, "STOP")
    says(first.patient, "START", now=LATER)
    assert fresh(first.patient).stopped_at == fresh(second.patient).stopped_at == NOW
    assert StrayMessage.objects.get().body == "START"
    assert WorkItem.objects.filter(kind="shared-number").count() == 2


def test_a_start_from_a_shared_number_is_for_the_one_who_had_stopped():
    first, second = couple()
    stop_texts(patient=second.patient, how="told us", by=None, now=NOW)
    says(first.patient, "START", now=LATER)
    assert fresh(second.patient).stopped_at is None
    assert not StrayMessage.objects.exists()


def test_a_stop_from_a_caregiver_stops_only_the_copies():
    journey = make_bare_journey()
    caregiver = make_caregiver(journey.patient, language="es")
    text_from("+12025550177", "STOP", clinics=[journey.clinic_id])
    caregiver.refresh_from_db()
    assert (caregiver.stopped_at, fresh(journey.patient).stopped_at) == (NOW, None)
    assert answers() == ["copies-stopped"]
    assert Message.objects.get().language == "es"
    assert not WorkItem.objects.exists()
    assert JourneyEvent.objects.get(kind="copies-stopped").why == "Maria Ruiz (daughter) texted STOP"
    text_from("+12025550177", "START", clinics=[journey.clinic_id], now=LATER)
    caregiver.refresh_from_db()
    assert caregiver.stopped_at is None


def test_a_stop_from_an_unknown_number_is_kept_as_a_stray():
    journey = make_bare_journey()
    text_from("+12025550666", "STOP", clinics=[journey.clinic_id])
    assert fresh(journey.patient).stopped_at is None
    assert StrayMessage.objects.get().body == "STOP"


def test_a_nurse_who_was_told_stops_the_texts_and_takes_it_back_with_a_reason():
    journey = make_bare_journey()
    nurse = make_staff(journey.clinic)
    assert stop_texts(patient=journey.patient, how="told us on the phone", by=nurse, now=NOW)
    assert not stop_texts(patient=journey.patient, how="again", by=nurse, now=LATER)
    assert (fresh(journey.patient).stopped_at, answers()) == (NOW, [])
    assert resume_texts(patient=journey.patient, how="changed her mind", by=nurse, now=LATER)
    assert not resume_texts(patient=journey.patient, how="again", by=nurse, now=LATER)
    assert fresh(journey.patient).stopped_at is None
    events = JourneyEvent.objects.filter(by=nurse).order_by("at").values_list("kind", "why")
    assert list(events) == [
        ("messages-stopped", "told us on the phone"),
        ("messages-resumed", "changed her mind"),
    ]


def test_an_ended_journey_gets_a_line_and_no_task():
    journey = make_bare_journey(state="completed")
    says(journey.patient, "STOP")
    assert fresh(journey.patient).stopped_at == NOW
    assert JourneyEvent.objects.filter(journey=journey, kind="messages-stopped").exists()
    assert not WorkItem.objects.exists()


def test_an_answer_to_a_caregiver_is_in_their_language_and_no_copy():
    journey = make_bare_journey()
    make_caregiver(journey.patient, language="es")
    text_from("+12025550177", "AYUDA", clinics=[journey.clinic_id])
    drain_at(NOW)
    sent = Message.objects.get(incoming=False)
    assert (sent.address, sent.language, sent.recipient) == ("+12025550177", "es", "caregiver")
    assert sent.body.startswith(f"{journey.clinic}: Si tiene preguntas")
