"""A patient on a blood thinner goes straight through: from the referral to the six-week visit, as it should be."""

from datetime import date

import pytest

from pathway.actions.authorisation import record_authorisation
from pathway.actions.check_ins import answer_check_in
from pathway.actions.journeys import NotBookable
from pathway.models import AnsweredBy, CheckIn, TherapyReferral
from pathway.queries.check_ins import open_check_in
from pathway.queries.measurements import measures_of
from pathway.states import AuthorisationState, JourneyState
from tests.journeys.day import DayStory
from tests.journeys.world import Story, at
from tests.pathway.test_candidacy_checklist import ALL_MET

pytestmark = pytest.mark.django_db(transaction=True)


class WholeStory(DayStory):
    """A clinic that books no procedure without the insurer's approval, and a patient who was just referred."""

    def __init__(self) -> None:
        Story.__init__(self, "2027-04-01 09:00")
        self.clinic.phone_any_hour = "+12025550199"
        self.clinic.needs_authorisation = True
        self.clinic.save()
        self.given_a_first_visit("2027-04-12 10:00")
        self.given_a_patient_who_answers()

    def when_the_insurer_approves(self, number: str, until: date) -> None:
        record_authorisation(
            journey=self.journey, state=AuthorisationState.APPROVED, number=number, expires_date=until, by=self.nurse,
            now=self.now,
        )  # fmt: skip

    def when_the_patient_answers_that_all_is_well(self, key: str, *, pain: str) -> None:
        """Every question on the page: `no` to each sign, and well where well is a yes."""
        row = CheckIn.objects.select_related("journey__protocol_version", "journey__patient").get(key=key)
        well = {"pain": pain, "eating": "yes", "restarted": "yes", "next-visit": "yes"}
        answers = {one.key: well.get(one.key, "no") for one in open_check_in(row).questions}
        answer_check_in(check_in=row, answers=answers, via=AnsweredBy.PAGE, by=None, now=self.now)

    def changes(self) -> dict[str, list[str]]:
        """What has changed since before the procedure, by measure."""
        return {
            row.title: [one.change_shown for one in row.values if one.change is not None]
            for row in measures_of(self.journey)
            if row.values
        }


def test_straight_through_from_the_referral_to_the_six_week_visit():
    story = WholeStory()
    story.when_time_passes_until("2027-04-12 10:45")
    story.when_it_has_happened("consult")
    assert (story.state(), story.tasks()) == ("consult", ["decide-candidacy"]), "the visit alone makes no candidate"
    story.when_measured(pain=("8", "points", "consult"), walking=("246", "ft", "consult"))
    story.given_a_medicine("Eliquis", dose="5 mg")
    story.when_it_is_decided(JourneyState.CANDIDATE, ALL_MET)
    assert story.state() == "candidate"

    with pytest.raises(NotBookable, match="insurer's approval"):
        story.when_a_visit_is_booked("procedure", "2027-05-20 10:00")
    story.when_the_insurer_approves("PA-4711", until=date(2027, 6, 30))
    story.when_a_visit_is_booked("procedure", "2027-05-20 10:00")
    assert (story.state(), story.tasks()) == ("scheduled", ["sign-hold"])
    assert "apixaban" not in story.page()
    story.when_time_passes_until("2027-05-03 09:00")
    story.when_the_prescriber_signs("apixaban")
    story.when_time_passes_until("2027-05-20 08:50")
    assert story.tasks() == [], "every text was answered: the plan was read, the last dose was taken, a ride was found"

    story.when_the_patient("arrives")
    assert story.missing() == ["Fasting confirmed", "Consent signed"]
    story.when_the_patient_says(ate="2027-05-19 20:00", drank="2027-05-20 07:00")
    story.when_the_nurse_confirms("consent")
    story.when_the_patient("is admitted")
    story.when_time_passes_until("2027-05-20 10:05")
    story.when_the_patient("goes in")
    story.when_time_passes_until("2027-05-20 11:00")
    story.when_the_patient("comes out")
    assert story.state() == "recovering"
    story.when_scored("aldrete")
    story.when_time_passes_until("2027-05-20 12:40")
    story.when_scored("padss")
    story.when_the_escort_is_named()
    story.when_the_checklist_is_answered()
    story.when_a_visit_is_booked("follow-up-weeks", "2027-06-10 14:00")
    story.when_a_visit_is_booked("follow-up-6-weeks", "2027-07-01 09:30")
    assert story.lacking() == []
    story.when_the_patient_goes_home()
    assert story.state() == "discharged"
    assert TherapyReferral.objects.get().is_referred, "as it was answered in the checklist"
    assert story.window("bathing") == ["05-20 12:40", "05-21 00:00"], "to the end of that local day"
    assert story.window("driving") == ["05-20 12:40", "05-21 12:40"]
    assert story.window("activity") == ["05-20 12:40", "06-10 12:40"]

    story.answers_after = None
    story.when_time_passes_until("2027-05-21 10:30")
    story.when_the_patient_answers_that_all_is_well("day-1", pain="5")
    story.given_a_patient_who_answers()
    story.when_time_passes_until("2027-06-10 14:30")
    story.when_it_has_happened("follow-up-weeks")
    assert story.state() == "followed-up"
    story.when_time_passes_until("2027-07-01 10:00")
    story.when_measured(walking=("3956", "ft", "follow-up-6-weeks"), pain=("3", "points", "follow-up-6-weeks"))
    story.when_it_has_happened("follow-up-6-weeks")
    story.when_time_passes_until("2027-07-02 09:00")

    assert (story.state(), story.tasks()) == ("completed", [])
    assert story.hold("apixaban").state == "restarted"
    assert story.changes() == {
        "Pain": ["−3 points, important improvement", "−5 points, important improvement"],
        "Walking distance": ["+3,710 ft, 16.1 times"],
    }, "the day after as the patient answered it, and nobody wrote it down twice"
    assert story.phone() == [
        "04-01 09:00 You will get about 12 care texts",
        "04-10 10:00 Your first visit is Mon, Apr 12, 10:00 AM",
        "05-03 09:00 Your medicine plan is ready",
        "05-13 10:00 Your procedure is Thu, May 20",
        "05-16 09:00 See your medicine plan today",
        "05-19 18:00 Come Thu, May 20 at 9:00 AM",
        "05-20 13:10 Tonight: no bath, pool, or hot tub",
        "05-21 10:00 How are you today",
        "05-21 10:05 See when to take your medicines again",
        "06-07 10:00 Your check-up is Thu, Jun 10, 2:00 PM",
        "06-28 10:00 Your 6-week visit is Thu, Jul 1, 9:30 AM",
    ]
    day = story.journey.procedure_days.get()
    times = (day.arrived_at, day.admitted_at, day.started_at, day.ended_at)
    assert times == (*[at("2027-05-20 08:50")] * 2, at("2027-05-20 10:05"), at("2027-05-20 11:00"))
