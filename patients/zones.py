"""Which names of the time zone database say where somebody is."""

from functools import lru_cache
from zoneinfo import available_timezones

MACHINE_DEPENDENT = frozenset({"localtime", "posixrules", "Factory"})
"""What these mean differs from machine to machine, or is nothing at all."""

ABBREVIATIONS = frozenset({
    "CET", "CST6CDT", "EET", "EST", "EST5EDT", "HST", "MET", "MST", "MST7MDT", "PST8PDT", "WET",
    "GMT", "GMT+0", "GMT-0", "GMT0", "Greenwich", "UCT", "Universal", "Zulu",
})  # fmt: skip
"""Rules without a place: EST never changes its clocks, which is hardly ever meant. `UTC` and `Etc/...` are explicit."""

NO_PLACES = ("posix/", "right/", "SystemV/")


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The time zones a clinic or patient can live in: real places such as `America/New_York`, `UTC` and `Etc/...`."""
    known = available_timezones() - MACHINE_DEPENDENT - ABBREVIATIONS
    return frozenset(name for name in known if not name.startswith(NO_PLACES))
