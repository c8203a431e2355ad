"""What reaches patients who are under way, and what does not: a new protocol does not, the clinic's own rules do."""

from datetime import timedelta

import pytest

from notifications.rendering import render
from pathway.actions.journeys import book, start_journey
from pathway.actions.protocols import publish_protocol
from pathway.actions.sweep import sweep
from pathway.models import Journey, Reminder
from pathway.protocol_file import read_shipped
from pathway.queries.protocols import latest_version
from patients.models import Clinic
from tests.builders import NOW, make_journey, make_patient

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PROCEDURE = NOW + 14 * DAY
RIDE = 'send = { from = "procedure", offset = "-P7D", at = "10:00" }'


def newer() -> str:
    """MILD with another moment and other words for the ride, as a clinic would publish it next."""
    source = read_shipped("mild").replace('version = "3"', 'version = "4"', 1)
    assert source.count(RIDE) == 1
    return source.replace(RIDE, RIDE.replace("-P7D", "-P9D")).replace("An adult must take", "Somebody must take")


def rows_of(journey: Journey) -> list[dict[str, object]]:
    return list(Reminder.objects.filter(journey=journey).order_by("pk").values())


def ride_of(journey: Journey) -> Reminder:
    return Reminder.objects.get(journey=journey, base_key="ride/week-before")


def test_a_new_version_of_the_protocol_leaves_journeys_under_way_alone():
    journey = make_journey()
    pinned, rows = journey.protocol_version, rows_of(journey)
    version = publish_protocol(source=newer(), by=None, now=NOW)
    assert sweep(now=NOW) == 0
    journey.refresh_from_db()
    assert (journey.protocol_version, journey.plan_version, rows_of(journey)) == (pinned, 1, rows)
    book(journey=journey, key="procedure", at=PROCEDURE + DAY, by=None, now=NOW)
    ride = ride_of(journey)
    assert (PROCEDURE + DAY - ride.send_at).days == 7, "a move plans by the version that the patient began with"
    assert "An adult must take" in render(ride, kind="sms").body
    begun = start_journey(
        patient=make_patient(), protocol_version=latest_version("mild"), milestones={"procedure": PROCEDURE},
        by=None, now=NOW,
    )  # fmt: skip
    assert begun.protocol_version == version
    assert (PROCEDURE - ride_of(begun).send_at).days == 9
    assert "Somebody must take" in render(ride_of(begun), kind="sms").body


def test_a_longer_fast_of_the_clinic_reaches_whoever_is_under_way():
    waiting, told = make_journey(), make_journey()
    evening = Reminder.objects.get(journey=told, base_key="fasting/evening-before")
    Reminder.objects.filter(pk=evening.pk).update(state="sent", sent_at=evening.send_at, started_at=evening.send_at)
    Clinic.objects.update(fasting=timedelta(hours=8))
    sweep(now=evening.send_at - DAY)
    row = Reminder.objects.get(journey=waiting, base_key="fasting/evening-before")
    assert row.says["fast_from"] == "2027-03-15T03:00"
    sweep(now=evening.send_at + HOUR)
    correction = Reminder.objects.get(journey=told, text="correction-fasting")
    assert correction.says["fast_from"] == "2027-03-15T03:00"
    assert list(correction.supersedes.all()) == [evening]
