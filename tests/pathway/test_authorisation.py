"""Prior authorisation: what the insurer said, the gate before booking, and the tasks that follow."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from pathway.actions.authorisation import NotRecordable, record_authorisation
from pathway.actions.journeys import NotBookable, book, cancel, record
from pathway.actions.work_items import resolve_item
from pathway.coverage import STANDS, Coverage, lacking
from pathway.models import JourneyEvent, Milestone, PriorAuthorisation, WorkItem
from pathway.states import AuthorisationState, TransitionError
from patients.models import Clinic
from tests.builders import NOW, make_clinic, make_journey, make_patient, make_staff

pytestmark = pytest.mark.django_db

A = AuthorisationState
PROCEDURE = NOW + timedelta(days=14)  # Mon, Mar 15, 2027
LAST_DAY = date(2027, 3, 31)


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def nurse(clinic):
    return make_staff(clinic)


@pytest.fixture
def journey(clinic):
    return make_journey(make_patient(clinic))


@pytest.fixture
def gated(journey, clinic):
    """A clinic that books only with an approval, and a journey without a procedure."""
    Clinic.objects.update(needs_authorisation=True)
    return make_journey(make_patient(clinic), milestones={"consult": NOW + timedelta(days=1), "procedure": None})


def say(journey, state, nurse, now=NOW, **fields):
    return record_authorisation(journey=journey, state=state, by=nurse, now=now, **fields)


def approve(journey, nurse, until=LAST_DAY, now=NOW):
    return say(journey, A.APPROVED, nurse, now, number="PA-4711", expires_date=until)


def tasks(journey) -> dict[str, str]:
    return dict(WorkItem.objects.filter(journey=journey).exclude(state="resolved").values_list("kind", "why"))


def test_each_word_of_the_insurer_is_kept_with_who_and_when(journey, nurse):
    say(journey, A.SENT, nurse)
    say(journey, A.DENIED, nurse, note="not in a study")
    say(journey, A.APPEAL, nurse)
    row = approve(journey, nurse)
    assert (row.state, row.number, row.expires_date, row.changed_by) == ("approved", "PA-4711", LAST_DAY, nurse)
    events = JourneyEvent.objects.filter(journey=journey, kind__startswith="authorisation").order_by("pk")
    assert [(one.kind, one.why) for one in events] == [
        ("authorisation-sent", ""),
        ("authorisation-denied", "not in a study"),
        ("authorisation-appeal", ""),
        ("authorisation-approved", "PA-4711, valid until Wed, Mar 31, 2027"),
    ]


def test_saying_the_same_again_changes_nothing_and_a_longer_approval_does(journey, nurse):
    approve(journey, nurse)
    approve(journey, nurse)
    assert JourneyEvent.objects.filter(kind="authorisation-approved").count() == 1
    assert approve(journey, nurse, until=date(2027, 6, 30)).expires_date == date(2027, 6, 30)
    assert JourneyEvent.objects.filter(kind="authorisation-approved").count() == 2


@pytest.mark.parametrize(
    ("state", "fields", "field"),
    [
        (A.APPROVED, {"expires_date": LAST_DAY}, "number"),
        (A.APPROVED, {"number": "PA-1"}, "expires_date"),
        (A.APPROVED, {"number": "PA-1", "expires_date": date(2026, 3, 31)}, "expires_date"),
        (A.DENIED, {"note": " "}, "note"),
        (A.MORE_INFO, {}, "note"),
    ],
)
def test_what_is_lacking_is_named_at_its_field(journey, nurse, state, fields, field):
    with pytest.raises(NotRecordable) as caught:
        say(journey, state, nurse, **fields)
    assert caught.value.field == field
    assert not PriorAuthorisation.objects.exists()


def test_the_database_keeps_number_and_expiry_with_an_approval_only(journey, nurse):
    for wrong in ({"state": "approved"}, {"state": "sent", "number": "PA-1"}, {"state": "denied"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PriorAuthorisation.objects.create(journey=journey, changed_at=NOW, changed_by=nurse, **wrong)


def test_an_approval_does_not_become_an_appeal_and_an_ended_journey_needs_none(journey, nurse):
    approve(journey, nurse)
    with pytest.raises(TransitionError, match="approved cannot become appeal"):
        say(journey, A.APPEAL, nurse)
    assert say(journey, A.DENIED, nurse, note="withdrawn").number == ""
    cancel(journey=journey, reason="moved away", by=nurse, now=NOW)
    assert tasks(journey) == {}
    with pytest.raises(TransitionError, match="nothing is to be authorised"):
        say(journey, A.APPEAL, nurse)


def test_a_no_and_a_question_are_tasks_until_they_are_answered(journey, nurse):
    say(journey, A.MORE_INFO, nurse, note="the MRI report")
    assert tasks(journey) == {
        "authorisation-more-info": "The insurer asks for more before it decides: the MRI report. The procedure is on "
        "Mon, Mar 15, 2027. Send it, and record that it was sent."
    }
    say(journey, A.SENT, nurse)
    assert tasks(journey) == {}
    say(journey, A.DENIED, nurse, note="not in a study")
    assert "not in a study" in tasks(journey)["authorisation-denied"]
    say(journey, A.APPEAL, nurse)
    assert tasks(journey) == {}


def test_a_second_no_is_asked_about_although_the_first_was_settled_by_hand(journey, nurse):
    say(journey, A.DENIED, nurse, note="not in a study")
    resolve_item(item=WorkItem.objects.get(), outcome="The doctor appeals", by=nurse, now=NOW)
    book(journey=journey, key="procedure", at=PROCEDURE + timedelta(days=1), by=nurse, now=NOW)
    assert tasks(journey) == {}
    say(journey, A.APPEAL, nurse, now=NOW + timedelta(days=1))
    say(journey, A.DENIED, nurse, now=NOW + timedelta(days=9), note="again")
    assert "again" in tasks(journey)["authorisation-denied"]


def test_a_procedure_that_moves_past_the_approval_is_a_task_and_moving_it_back_mends_it(journey, nurse):
    approve(journey, nurse, until=date(2027, 3, 20))
    assert tasks(journey) == {}
    book(journey=journey, key="procedure", at=PROCEDURE + timedelta(days=7), by=nurse, now=NOW)
    assert tasks(journey) == {
        "authorisation-expires": "Approval PA-4711 ends on Mar 20, 2027. The procedure is on Mon, Mar 22, 2027. Get an "
        "approval for that day, or move the procedure."
    }
    book(journey=journey, key="procedure", at=PROCEDURE, by=nurse, now=NOW)
    assert tasks(journey) == {}
    book(journey=journey, key="procedure", at=PROCEDURE + timedelta(days=7), by=nurse, now=NOW)
    approve(journey, nurse, until=LAST_DAY)
    assert tasks(journey) == {}


def test_close_to_the_procedure_the_insurers_no_is_urgent(journey, nurse):
    say(journey, A.DENIED, nurse, now=PROCEDURE - timedelta(days=2), note="not in a study")
    assert WorkItem.objects.get(kind="authorisation-denied").priority == 1


def test_what_has_taken_place_needs_no_approval_any_more(journey, nurse):
    say(journey, A.DENIED, nurse, note="not in a study")
    record(journey=journey, key="procedure", at=PROCEDURE, by=nurse, now=PROCEDURE)
    assert "authorisation-denied" not in tasks(journey)


def test_a_clinic_with_the_gate_books_no_procedure_without_an_approval(gated, nurse):
    with pytest.raises(NotBookable, match="nobody has recorded a prior authorisation"):
        book(journey=gated, key="procedure", at=PROCEDURE, by=nurse, now=NOW)
    say(gated, A.SENT, nurse)
    with pytest.raises(NotBookable, match="the insurer has not answered yet"):
        book(journey=gated, key="procedure", at=PROCEDURE, by=nurse, now=NOW)
    assert not Milestone.objects.filter(journey=gated, key="procedure").exists()
    book(journey=gated, key="follow-up-weeks", at=PROCEDURE, by=nurse, now=NOW)  # only the procedure needs it
    approve(gated, nurse, until=date(2027, 3, 10))
    with pytest.raises(NotBookable, match="approval PA-4711 ends on Mar 10, 2027"):
        book(journey=gated, key="procedure", at=PROCEDURE, by=nurse, now=NOW)
    assert book(journey=gated, key="procedure", at=NOW + timedelta(days=4), by=nurse, now=NOW).state == "scheduled"


def test_the_last_day_of_an_approval_is_that_of_the_clinics_calendar(gated, nurse):
    approve(gated, nurse, until=date(2027, 3, 10))
    late = NOW.replace(day=11, hour=3, minute=30)  # 22:30 on March 10 in New York
    assert book(journey=gated, key="procedure", at=late, by=nurse, now=NOW).state == "scheduled"
    with pytest.raises(NotBookable):
        book(journey=gated, key="procedure", at=late + timedelta(hours=2), by=nurse, now=NOW)


def test_where_no_authorisation_is_needed_the_gate_is_open(gated, nurse):
    say(gated, A.NOT_NEEDED, nurse)
    assert book(journey=gated, key="procedure", at=PROCEDURE, by=nurse, now=NOW).state == "scheduled"


def test_what_the_clinics_own_schedule_says_is_told_truly_and_what_is_lacking_is_a_task(gated, nurse):
    moved = book(journey=gated, key="procedure", at=PROCEDURE, by=nurse, now=NOW, booked_elsewhere=True)
    assert moved.state == "scheduled"
    assert tasks(gated)["authorisation-missing"].startswith("Nobody has recorded a prior authorisation.")
    approve(gated, nurse)
    assert tasks(gated) == {}


@pytest.mark.parametrize("state", A)
def test_only_an_approval_for_that_day_or_none_needed_lets_a_procedure_take_place(state):
    coverage = Coverage(state, LAST_DAY if state is A.APPROVED else None, "PA-1")
    assert (lacking(coverage, LAST_DAY) == "") == (state in (A.APPROVED, A.NOT_NEEDED))
    assert (lacking(coverage, LAST_DAY + timedelta(days=1)) == "") == (state is A.NOT_NEEDED)
    assert state in STANDS or state is A.NOT_NEEDED
