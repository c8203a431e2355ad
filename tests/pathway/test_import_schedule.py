"""What becomes of the rows of a schedule, on the real database."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathway.actions import import_case
from pathway.actions.import_schedule import NoProtocol
from pathway.actions.journeys import cancel, record
from pathway.models import Journey, JourneyEvent, Milestone, Reminder
from patients.models import Consent, ContactPoint, Medication, Patient
from tests.builders import NOW, make_clinic, make_journey, make_patient, mild_version
from tests.pathway.schedules import bring_in, counts, every_row, row, text_of

pytestmark = pytest.mark.django_db
PROCEDURE_AT = datetime(2027, 3, 15, 11, 30, tzinfo=UTC)


ROWS = st.builds(
    row,
    st.integers(1, 3),
    record_number=st.sampled_from(["R1", "R2"]),
    birth_date=st.sampled_from(["1948-05-02", "1948-05-02", "1950-01-01", "?"]),
    phones=st.sampled_from(["", "212-555-0143", "212-555-0199 home / 212-555-0143", "555"]),
    language=st.sampled_from(["", "English", "Spanish"]),
    local_date_and_time=st.sampled_from(["3/15/2027 7:30", "2027-03-16 09:00", "2027-03-14 02:30", "2027-01-01 8:00"]),
    status=st.sampled_from(["", "scheduled", "cancelled"]),
    medications=st.sampled_from(["", "apixaban 5 mg", "apixaban 10 mg; metformin"]),
    consent=st.sampled_from(["", "2027-02-10", "2027-02-11"]),
)
"""Few numbers, so that rows meet each other."""


@pytest.fixture
def clinic():
    mild_version()
    return make_clinic()


def contacts_of(patient: Patient) -> list[tuple[str, str]]:
    return [
        (contact.kind, contact.address) for contact in ContactPoint.objects.filter(patient=patient).order_by("rank")
    ]


def test_a_new_case_registers_its_patient_and_plans_the_journey(clinic):
    report = bring_in(clinic, text_of(row(phones="212-555-0143 / 212-555-0118 home")))
    assert counts(report) == {"created": 1}
    journey = Journey.objects.get(clinic=clinic, case_number="C1")
    assert (journey.state, journey.clinician, journey.room, journey.levels) == ("scheduled", "Dr. Chen", "OR 2", "L4-5")
    assert journey.escort == "Marco Ruiz"
    assert Milestone.objects.get(journey=journey, key="procedure").at == PROCEDURE_AT
    assert Reminder.objects.filter(journey=journey, state="planned").count() > 5
    patient = journey.patient
    assert (patient.name, patient.language, patient.record_number) == ("Alma Ruiz", "es", "R1")
    assert contacts_of(patient) == [("sms", "+12125550143"), ("voice", "+12125550118"), ("email", "alma@example.com")]
    assert set(Medication.objects.values_list("name", "dose")) == {("apixaban", "5 mg"), ("metformin", "")}
    drafts = journey.holds.values_list("drug", "state", "table_version")
    assert sorted(drafts) == [("apixaban", "drafted", "1"), ("metformin", "drafted", "1")]  # and nothing is signed
    consent = Consent.objects.get(patient=patient)
    assert (consent.source, consent.given_at) == ("schedule import", datetime(2027, 2, 10, 5, tzinfo=UTC))
    assert set(JourneyEvent.objects.filter(kind__in=["started", "booked"]).values_list("why", flat=True)) == {
        "schedule import"
    }
    assert patient.audit_events.filter(verb="change").count() == 2


def test_without_a_consent_column_no_consent_is_recorded(clinic):
    bring_in(clinic, text_of(row(consent="")))
    assert not Consent.objects.exists()


def test_the_same_file_twice_changes_no_row_of_any_table(clinic):
    rows = [row(number) for number in range(1, 6)] + [row(6, record_number="R1"), row(7, status="cancelled")]
    first = bring_in(clinic, text_of(*rows))
    before = every_row()
    second = bring_in(clinic, text_of(*rows), now=NOW + timedelta(days=1))
    assert counts(first) == {"created": 6, "unchanged": 1}
    assert counts(second) == {"unchanged": 7}
    assert every_row() == before


def test_rows_that_say_nothing_new_cost_a_fixed_number_of_queries(clinic, django_assert_max_num_queries):
    content = text_of(*[row(number) for number in range(1, 41)])
    bring_in(clinic, content)
    with django_assert_max_num_queries(14):
        assert counts(bring_in(clinic, content)) == {"unchanged": 40}


def test_a_moved_case_is_planned_again(clinic):
    bring_in(clinic, text_of(row(), row(2)))
    version = Journey.objects.get(case_number="C1").plan_version
    report = bring_in(clinic, text_of(row(local_date_and_time="2027-03-16 09:00"), row(2)))
    assert counts(report) == {"moved": 1, "unchanged": 1}
    journey = Journey.objects.get(case_number="C1")
    assert Milestone.objects.get(journey=journey).at == datetime(2027, 3, 16, 13, 0, tzinfo=UTC)
    assert journey.plan_version == version + 1
    assert JourneyEvent.objects.get(journey=journey, kind="moved").why == "schedule import"


def test_a_cancelled_case_sends_nothing_more_and_returns_when_it_is_scheduled_again(clinic):
    bring_in(clinic, text_of(row()))
    gone = text_of(row(status="cancelled", local_date_and_time=""))
    assert counts(bring_in(clinic, gone)) == {"cancelled": 1}
    assert Journey.objects.get().state == "cancelled"
    assert not Reminder.objects.filter(state="planned").exists()
    assert counts(bring_in(clinic, gone)) == {"unchanged": 1}
    assert counts(bring_in(clinic, text_of(row()))) == {"moved": 1}
    assert Journey.objects.get().state == "scheduled"
    assert Reminder.objects.filter(state="planned").exists()
    assert counts(bring_in(clinic, text_of(row()))) == {"unchanged": 1}


def test_cancelling_a_case_that_was_never_here_changes_nothing(clinic):
    before = every_row()
    assert counts(bring_in(clinic, text_of(row(status="cancelled")))) == {"unchanged": 1}
    assert every_row() == before


def test_other_details_are_updated_and_an_empty_cell_erases_nothing(clinic):
    bring_in(clinic, text_of(row()))
    version = Journey.objects.get().plan_version
    report = bring_in(
        clinic,
        text_of(row(clinician="Dr. Alvarado", escort="", language="", medications="metformin 500 mg", consent="")),
    )
    assert counts(report) == {"updated": 1}
    journey = Journey.objects.get()
    assert (journey.clinician, journey.escort, journey.patient.language) == ("Dr. Alvarado", "Marco Ruiz", "es")
    assert journey.plan_version == version
    assert set(Medication.objects.values_list("name", "dose")) == {("apixaban", "5 mg"), ("metformin", "500 mg")}
    assert JourneyEvent.objects.get(kind="details-changed").why == "schedule import: clinician"


def test_a_new_number_comes_first_and_the_old_one_stays_as_it_is_marked(clinic):
    bring_in(clinic, text_of(row()))
    ContactPoint.objects.filter(kind="sms").update(opted_out_at=NOW, undeliverable_at=NOW)
    assert counts(bring_in(clinic, text_of(row(phones="212-555-0199")))) == {"updated": 1}
    assert contacts_of(Patient.objects.get()) == [
        ("sms", "+12125550199"),
        ("email", "alma@example.com"),
        ("sms", "+12125550143"),
    ]
    assert ContactPoint.objects.get(phone="+12125550143").opted_out_at == NOW
    assert ContactPoint.objects.get(phone="+12125550199").opted_out_at is None
    assert counts(bring_in(clinic, text_of(row(phones="212-555-0199")))) == {"unchanged": 1}
    assert counts(bring_in(clinic, text_of(row()))) == {"updated": 1}
    assert contacts_of(Patient.objects.get())[0] == ("sms", "+12125550143")


def test_a_consent_from_before_a_refusal_does_not_undo_it(clinic):
    bring_in(clinic, text_of(row()))
    Consent.objects.update(revoked_at=NOW)
    assert counts(bring_in(clinic, text_of(row(consent="2027-02-20")), now=NOW + timedelta(hours=1))) == {
        "unchanged": 1
    }
    assert counts(bring_in(clinic, text_of(row(consent="2027-03-05")), now=NOW + timedelta(days=5))) == {"updated": 1}


def test_bad_rows_are_reported_in_order_and_spoil_no_other(clinic):
    content = text_of(
        row(1),
        row(2, birth_date="31.02.1948"),
        row(3, procedure="kyphoplasty"),
        row(1, room="OR 9"),
        row(5, local_date_and_time="2027-02-15 07:30"),
        row(6),
    )
    report = bring_in(clinic, content)
    assert counts(report) == {"created": 2, "rejected": 4}
    assert [str(rejection) for rejection in report.rejections] == [
        'row 3, column "birth date": "31.02.1948" is not a date; write it like 1948-02-28 (year-month-day) '
        "or 2/28/1948 (month/day/year)",
        'row 4, column "procedure": "kyphoplasty" has no protocol here; write one of: mild',
        'row 5, column "case number": "C1" stands in row 2 already; keep one of the two',
        'row 6, column "local date and time": procedure time is past; a new case needs a time to come',
    ]
    assert set(Journey.objects.values_list("case_number", "room")) == {("C1", "OR 2"), ("C6", "OR 2")}


@pytest.mark.parametrize("fails_in", ["start_journey", "record_change"])
def test_a_failure_in_the_middle_of_a_row_leaves_nothing_of_it(clinic, monkeypatch, caplog, fails_in: str):
    real = getattr(import_case, fails_in)

    def failing(**named):
        real(**named)
        raise DatabaseError("Okafor, Daniel cannot be written")

    monkeypatch.setattr(import_case, fails_in, failing)
    report = bring_in(clinic, text_of(row(2, name="Okafor, Daniel")))
    assert counts(report) == {"rejected": 1}
    assert str(report.rejections[0]) == "row 2: it could not be saved (DatabaseError)"
    assert not Patient.objects.exists()
    assert not Journey.objects.exists()
    assert "Okafor" not in caplog.text


def test_a_failing_row_leaves_the_rows_before_and_after_it(clinic, monkeypatch):
    real = import_case.start_journey

    def failing(**named):
        journey = real(**named)
        if named["case_number"] == "C2":
            raise DatabaseError("the disk says no")
        return journey

    monkeypatch.setattr(import_case, "start_journey", failing)
    assert counts(bring_in(clinic, text_of(row(1), row(2), row(3)))) == {"created": 2, "rejected": 1}
    assert set(Patient.objects.values_list("record_number", flat=True)) == {"R1", "R3"}


def test_a_dry_run_leaves_the_database_as_it_was_and_counts_the_same(clinic):
    bring_in(clinic, text_of(row(1), row(2), row(3)))
    content = text_of(
        row(1, local_date_and_time="2027-03-16 09:00"), row(2, status="cancelled"), row(3, room="OR 1"), row(4),
        row(5, record_number="R4", birth_date="1950-01-01"), row(6, name="?"),
    )  # fmt: skip
    before = every_row()
    dry = bring_in(clinic, content, dry_run=True)
    assert every_row() == before
    assert counts(dry) == {"moved": 1, "cancelled": 1, "updated": 1, "created": 1, "rejected": 2}
    assert bring_in(clinic, content) == dry


def test_a_record_number_with_another_birth_date_is_nobody_we_know(clinic):
    bring_in(clinic, text_of(row(1)))
    before = every_row()
    report = bring_in(clinic, text_of(row(2, record_number="R1", birth_date="1949-05-02")))
    assert report.rejections[0].column == "birth date"
    assert "belongs to a patient with another birth date" in report.rejections[0].reason
    assert every_row() == before


def test_a_case_that_turns_up_under_another_record_number_is_rejected(clinic):
    bring_in(clinic, text_of(row(1)))
    report = bring_in(clinic, text_of(row(1, record_number="R9")))
    assert report.rejections[0].column == "record number"


def test_of_two_rows_about_one_patient_the_first_decides_and_the_second_adds(clinic):
    second = row(
        2, record_number="R1", phones="212-555-0199", language="English", medications="metformin 1 g; warfarin"
    )
    content = text_of(row(1), second)
    assert counts(bring_in(clinic, content)) == {"created": 2}
    patient = Patient.objects.get()
    assert patient.language == "es"
    assert [address for _, address in contacts_of(patient)] == ["+12125550143", "alma@example.com", "+12125550199"]
    assert set(Medication.objects.values_list("name", "dose")) == {
        ("apixaban", "5 mg"),
        ("metformin", ""),
        ("warfarin", ""),
    }
    before = every_row()
    assert counts(bring_in(clinic, content)) == {"unchanged": 2}
    assert every_row() == before


def test_a_patient_who_is_known_already_is_found_by_record_number_and_birth_date(clinic):
    patient = make_patient(clinic, record_number="R1", language="es")
    assert counts(bring_in(clinic, text_of(row(1)))) == {"created": 1}
    assert Journey.objects.get().patient == patient


def test_two_clinics_may_use_the_same_numbers(clinic):
    other = make_clinic()
    bring_in(clinic, text_of(row(1)))
    assert counts(bring_in(other, text_of(row(1, birth_date="1960-01-01")))) == {"created": 1}
    assert Journey.objects.filter(case_number="C1").count() == 2


def test_a_case_whose_time_went_by_stays_and_is_not_moved_into_the_past(clinic):
    content = text_of(row(1))
    bring_in(clinic, content)
    later = PROCEDURE_AT + timedelta(days=1)
    assert counts(bring_in(clinic, content, now=later)) == {"unchanged": 1}
    report = bring_in(clinic, text_of(row(1, local_date_and_time="2027-03-15 09:00")), now=later)
    assert "procedure time is past" in report.rejections[0].reason


def test_a_patient_who_was_operated_is_neither_moved_nor_cancelled(clinic):
    patient = make_patient(clinic, record_number="R1", birth_date="1948-05-02")
    journey = make_journey(patient, procedure_at=PROCEDURE_AT, case_number="C1")
    record(journey=journey, key="procedure", at=PROCEDURE_AT, by=None, now=PROCEDURE_AT)
    moved = bring_in(clinic, text_of(row(1, local_date_and_time="2027-03-20 07:30")), now=PROCEDURE_AT)
    assert "the journey is recovering here" in moved.rejections[0].reason
    gone = bring_in(clinic, text_of(row(1, status="cancelled")), now=PROCEDURE_AT)
    assert gone.rejections[0].column == "status"


def test_a_journey_cancelled_by_hand_after_its_time_stays_cancelled(clinic):
    bring_in(clinic, text_of(row(1)))
    later = PROCEDURE_AT + timedelta(hours=1)
    cancel(journey=Journey.objects.get(), reason="The patient did not come.", by=None, now=later)
    assert counts(bring_in(clinic, text_of(row(1)), now=later)) == {"unchanged": 1}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, max_size=6))
def test_whatever_the_rows_a_second_import_changes_nothing(clinic, rows):
    with transaction.atomic():
        content = text_of(*rows)
        bring_in(clinic, content)
        before = every_row()
        second = bring_in(clinic, content)
        assert set(counts(second)) <= {"unchanged", "rejected"}
        assert every_row() == before
        transaction.set_rollback(True)


def test_batches_are_reported_and_every_row_is_counted(clinic):
    content = text_of(*[row(number, status="cancelled") for number in range(1, 251)])
    assert counts(bring_in(clinic, content)) == {"unchanged": 250}


def test_without_a_published_protocol_nothing_is_imported(db):
    with pytest.raises(NoProtocol, match="protocol publish"):
        bring_in(make_clinic(), text_of(row(1)), now=timezone.now())
