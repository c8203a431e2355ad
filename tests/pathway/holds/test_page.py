"""The page of a journey's medicines: what each person may do, and errors at their field."""

import pytest
from django.test import Client

from pathway.actions.holds import dangers
from pathway.models import MedicationHold
from patients.models import AuditEvent, LabResult, Medication
from tests.builders import make_clinic, make_staff
from tests.pathway.holds.worlds import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def as_(person, client: Client) -> Client:
    client.force_login(person)
    return client


def path(world: World, rest: str = "") -> str:
    return f"/journeys/{world.journey.pk}/holds/{rest}"


def signature(hold: MedicationHold, **fields: str) -> dict[str, str]:
    told = {
        "length": "3", "unit": "D", "restart": "24", "restart_unit": "H", "understood": "on",
        "dangers_version": dangers().version, **fields,
    }  # fmt: skip
    return {f"sign-{hold.pk}-{name}": value for name, value in told.items() if value}


def test_a_nurse_writes_down_a_medicine_and_sees_its_draft(world: World, client: Client):
    as_(world.nurse, client)
    assert client.post(path(world, "medicine"), {"name": "Eliquis", "dose": "5 mg"}).status_code == 302
    page = client.get(path(world)).content.decode()
    assert "apixaban (Eliquis)" in page
    assert "Not signed" in page
    assert "not yet reviewed" in page
    assert dangers().clot not in page  # nothing to sign for a nurse
    assert AuditEvent.objects.filter(verb="read", what=f"medicines of journey {world.journey.pk}").exists()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": ""}, "Enter the name."),
        ({"name": "apixaban", "rxcui": "13x"}, "A RxCUI is digits only"),
        ({"name": "aspirin", "variant": "weekly"}, "Choose one of: to prevent a first heart attack or stroke"),
        ({"name": "apixaban", "variant": "treatment"}, "Nothing has to be decided about this medicine."),
        ({"name": "apixaban", "has_stent": "perhaps"}, "Select a valid choice."),
    ],
)
def test_a_medicine_that_is_not_filled_in_right_is_told_at_its_field(
    world: World, client: Client, fields: dict[str, str], problem: str
):
    answer = as_(world.nurse, client).post(path(world, "medicine"), fields)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert not Medication.objects.exists()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"value": "high"}, "Enter a number such as 1.1."),
        ({"value": "45"}, "INR is between 0.5 and 20: check the number."),
        ({"unit": "mL/min"}, "INR is kept in ratio: enter it in that unit."),
        ({"day": "2099-01-01"}, "This moment is still to come."),
        ({"day": ""}, "Enter the day."),
    ],
)
def test_a_result_that_is_not_filled_in_right_is_told_at_its_field(
    world: World, client: Client, fields: dict[str, str], problem: str
):
    told = {"kind": "inr", "value": "1.1", "unit": "ratio", "day": "2026-01-05", "clock": "08:00"}
    answer = as_(world.nurse, client).post(path(world, "result"), {**told, **fields})
    assert (answer.status_code, problem in answer.content.decode()) == (422, True)
    assert not LabResult.objects.exists()
    assert client.post(path(world, "result"), told).status_code == 302
    assert LabResult.objects.get().recorded_by == world.nurse


def test_a_prescriber_is_shown_both_dangers_and_signs(world: World, client: Client):
    world.takes("apixaban")
    hold = world.hold("apixaban")
    page = as_(world.doctor, client).get(path(world)).content.decode()
    assert dangers().clot in page
    assert dangers().bleeding in page
    assert client.post(f"/holds/{hold.pk}/sign", signature(hold)).status_code == 302
    hold.refresh_from_db()
    assert (hold.state, hold.signed_by, hold.dangers_version) == ("approved", world.doctor, dangers().version)
    assert (hold.duration, hold.restart_after) == ("P3D", "PT24H")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"understood": ""}, "Read both dangers, and say so."),
        ({"dangers_version": "0"}, "the text has changed, or was not shown"),
        ({"length": ""}, "Enter how long."),
        ({"length": "5"}, "Say why it differs from the draft."),
        ({"length": "40", "reason": "so"}, "More than 30 days is a slip of the pen"),
        ({"restart": "-1"}, "greater than or equal to 0"),
    ],
)
def test_a_signature_that_is_not_filled_in_right_is_told_at_its_field(
    world: World, client: Client, fields: dict[str, str], problem: str
):
    world.takes("apixaban")
    hold = world.hold("apixaban")
    answer = as_(world.doctor, client).post(f"/holds/{hold.pk}/sign", signature(hold, **fields))
    assert (answer.status_code, problem in answer.content.decode()) == (422, True)
    assert world.hold("apixaban").state == "drafted"


def test_a_nurse_who_posts_a_signature_is_refused(world: World, client: Client):
    world.takes("apixaban")
    hold = world.hold("apixaban")
    assert as_(world.nurse, client).post(f"/holds/{hold.pk}/sign", signature(hold)).status_code == 403
    assert world.hold("apixaban").state == "drafted"


def test_nobody_of_another_clinic_finds_the_page_or_the_hold(world: World, client: Client):
    world.takes("apixaban")
    hold = world.hold("apixaban")
    as_(make_staff(make_clinic(), "prescriber"), client)
    assert client.get(path(world)).status_code == 404
    assert client.post(f"/holds/{hold.pk}/sign", signature(hold)).status_code == 404
    assert client.post(path(world, "medicine"), {"name": "aspirin"}).status_code == 404


def test_declining_asks_for_the_reason_at_its_field(world: World, client: Client):
    world.takes("apixaban")
    hold = world.hold("apixaban")
    answer = as_(world.doctor, client).post(f"/holds/{hold.pk}/decline", {f"decline-{hold.pk}-reason": ""})
    assert (answer.status_code, "Say why." in answer.content.decode()) == (422, True)
    assert client.post(f"/holds/{hold.pk}/decline", {f"decline-{hold.pk}-reason": "once a month"}).status_code == 302


def test_a_last_dose_still_to_come_is_told_at_its_field(world: World, client: Client):
    world.takes("apixaban")
    hold = world.signed("apixaban")
    told = {f"last-dose-{hold.pk}-day": "2099-01-01", f"last-dose-{hold.pk}-clock": "08:00"}
    answer = as_(world.nurse, client).post(f"/holds/{hold.pk}/last-dose", told)
    assert (answer.status_code, "still to come" in answer.content.decode()) == (422, True)


def test_a_stale_form_changes_nothing_and_says_so(world: World, client: Client):
    world.takes("apixaban")
    hold = world.signed("apixaban")
    answer = as_(world.doctor, client).post(f"/holds/{hold.pk}/sign", signature(hold))
    assert (answer.status_code, "Nothing was changed" in answer.content.decode()) == (422, True)


def test_a_prescriber_holds_a_medicine_that_the_table_does_not_know_and_signs_it(world: World, client: Client):
    world.takes("dong quai root")
    row = Medication.objects.get()
    told = {
        "medicine": row.pk,
        "length": "7",
        "unit": "D",
        "restart": "2",
        "restart_unit": "D",
        "why": "it thins blood",
    }
    assert as_(world.nurse, client).post(path(world, "by-hand"), told).status_code == 403
    as_(world.doctor, client)
    lacking = client.post(path(world, "by-hand"), told | {"length": "40", "why": ""}).content.decode()
    assert "Say why. It stays in the history." in lacking
    assert "more than 30 days" in client.post(path(world, "by-hand"), told | {"length": "40"}).content.decode()
    assert world.tasks() == ["medicine-unknown"]
    assert client.post(path(world, "by-hand"), told).status_code == 302
    hold = world.hold("dong quai root")
    assert (hold.state, hold.duration, hold.restart_after, hold.table_version) == ("drafted", "P7D", "P2D", "")
    assert "it thins blood" in hold.note
    assert world.tasks() == ["sign-hold"], "what was to be decided is decided"
    world.signed("dong quai root")
    world.takes("dong quai root", dose="500 mg")
    assert "medicine-unknown" not in world.tasks()


def test_what_cannot_be_done_is_not_found(world: World, client: Client):
    world.takes("apixaban")
    assert as_(world.doctor, client).post(f"/holds/{world.hold('apixaban').pk}/lengthen").status_code == 404


def test_a_medicine_not_taken_any_more_leaves_the_list(world: World, client: Client):
    world.takes("naproxen")
    row = Medication.objects.get()
    as_(world.nurse, client).post(path(world, f"medicine/{row.pk}/ended"))
    row.refresh_from_db()
    assert row.stopped_by == world.nurse
    assert (
        "naproxen" not in client.get(path(world)).content.decode().split("What the patient takes")[1].split("</ul>")[0]
    )
