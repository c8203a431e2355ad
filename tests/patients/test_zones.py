"""Which time zones a clinic or a patient can live in."""

from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from patients.models.clinic import check_zone
from patients.zones import zone_names


@pytest.mark.parametrize("name", ["America/New_York", "America/Puerto_Rico", "US/Eastern", "UTC", "Etc/GMT+5", "Japan"])
def test_places_and_named_offsets_are_zones(name):
    check_zone(name)


@pytest.mark.parametrize("name", ["localtime", "Factory", "EST", "EST5EDT", "GMT0", "", "Mars/Base", "../etc/passwd"])
def test_what_depends_on_the_machine_or_is_no_place_is_refused(name):
    with pytest.raises(ValidationError):
        check_zone(name)


def test_every_zone_that_is_offered_can_be_read():
    assert len(zone_names()) > 300
    assert all(ZoneInfo(name).key == name for name in zone_names())
