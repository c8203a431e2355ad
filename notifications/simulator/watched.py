"""Lives written by hand for the demo: a patient to be looked at, messages due in minutes, and work for the staff."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from notifications.simulator.people import Contact, Person, reserved_phone
from notifications.simulator.world import DAY, HOUR, Happening, Life, What
from pathway.planner import to_utc
from patients.models import ContactKind, Language

MINUTE = timedelta(minutes=1)
HOME_TEXT_AFTER = timedelta(minutes=30)
FAST_TEXT_BEFORE = 7 * HOUR
"""The protocol tells patients an hour before the fast begins, which is six hours before the procedure."""

NAMES = (
    ("Eleanor", "Whitfield", Language.ENGLISH, date(1951, 3, 14)),
    ("Rosa", "Villanueva", Language.SPANISH, date(1947, 9, 2)),
    ("Harold", "Kowalski", Language.ENGLISH, date(1944, 6, 21)),
    ("Ernesto", "Salgado", Language.SPANISH, date(1953, 12, 5)),
    ("Marjorie", "Haines", Language.ENGLISH, date(1949, 1, 30)),
    ("Leonard", "Feldman", Language.ENGLISH, date(1941, 8, 17)),
    ("Amparo", "Quintero", Language.SPANISH, date(1956, 4, 9)),
    ("Gloria", "Osborne", Language.ENGLISH, date(1950, 11, 26)),
    ("Raymond", "Brennan", Language.ENGLISH, date(1946, 2, 11)),
    ("Esperanza", "Montoya", Language.SPANISH, date(1955, 7, 19)),
    ("Walter", "Lindqvist", Language.ENGLISH, date(1943, 10, 8)),
)


def watched_lives(*, now: datetime, zone: ZoneInfo, first_index: int) -> list[Life]:
    """The lives that make the demo worth watching at `now` (UTC); the first is the patient whose link is given away."""
    stories = [
        tomorrow_with_a_hold(now, zone),
        *(going_home(now, minutes) for minutes in (1, 4, 8)),
        *(fast_begins(now, minutes) for minutes in (2, 6)),
        signed_just_now(now, zone),
        entered_just_now(now, zone),
        called_off_while_held(now, zone),
        too_little_time(now, zone),
        wants_no_texts(now, zone),
    ]
    return [
        Life(first_index + number, 0, person(number, first_index + number), tuple(sorted(story, key=lambda s: s.at)))
        for number, story in enumerate(stories)
    ]


def person(number: int, index: int) -> Person:
    """The patient of the life that comes as `number`, with a mobile number from the reserved range."""
    given, family, language, born = NAMES[number]
    contacts = (Contact(ContactKind.SMS, reserved_phone(index), 1),)
    return Person(f"MRN-{100_000 + index}", given, family, born, language.value, "", contacts, has_consent=True)


def up_to_the_booking(now: datetime, procedure: datetime) -> list[Happening]:
    """From the first call to the booking of a procedure: two weeks of it."""
    consult = (now - 9 * DAY).replace(minute=0, second=0, microsecond=0)
    return [
        Happening(now - 14 * DAY, What.START, milestones={"consult": consult}),
        Happening(consult + HOUR, What.RECORD, "consult", consult),
        Happening(consult + 2 * HOUR, What.BOOK, "procedure", procedure),
    ]


def at_local(now: datetime, zone: ZoneInfo, days: int, hour: int) -> datetime:
    """A full hour on the clinic's clock, `days` after today."""
    day = now.astimezone(zone).replace(tzinfo=None, hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return to_utc(day, zone)


def tomorrow_with_a_hold(now: datetime, zone: ZoneInfo) -> list[Happening]:
    """A procedure tomorrow morning and two signed holds: everything a patient's page can show."""
    drafted_at = now - 8 * DAY
    return [
        *up_to_the_booking(now, at_local(now, zone, 1, 10)),
        Happening(drafted_at, What.DRAFT, "apixaban", words="P3D"),
        Happening(drafted_at, What.DRAFT, "ibuprofen", words="P1D"),
        Happening(drafted_at + 3 * HOUR, What.SIGN),
    ]


def going_home(now: datetime, minutes: int) -> list[Happening]:
    """Discharged a little under half an hour ago: the text about tonight goes out `minutes` from now."""
    discharge = now + minutes * MINUTE - HOME_TEXT_AFTER
    procedure = discharge - 3 * HOUR
    return [
        *up_to_the_booking(now, procedure),
        Happening(procedure + HOUR, What.RECORD, "procedure", procedure),
        Happening(discharge, What.RECORD, "discharge", discharge),
    ]


def fast_begins(now: datetime, minutes: int) -> list[Happening]:
    """A procedure late today: the text about the fast goes out `minutes` from now."""
    return up_to_the_booking(now, now + FAST_TEXT_BEFORE + minutes * MINUTE)


def signed_just_now(now: datetime, zone: ZoneInfo) -> list[Happening]:
    """A hold signed this minute: the patient is told at once."""
    return [
        *up_to_the_booking(now, at_local(now, zone, 12, 9)),
        Happening(now - 2 * HOUR, What.DRAFT, "clopidogrel", words="P7D"),
        Happening(now, What.SIGN),
    ]


def entered_just_now(now: datetime, zone: ZoneInfo) -> list[Happening]:
    """Somebody entered this minute: the welcome goes out at once."""
    return [Happening(now, What.START, milestones={"consult": at_local(now, zone, 6, 11)})]


def called_off_while_held(now: datetime, zone: ZoneInfo) -> list[Happening]:
    """Cancelled this morning while a medicine is held: the prescriber has to decide today."""
    return [
        *up_to_the_booking(now, at_local(now, zone, 2, 9)),
        Happening(now - 8 * DAY, What.DRAFT, "warfarin", words="P5D"),
        Happening(now - 8 * DAY + 2 * HOUR, What.SIGN),
        Happening(now - 0.75 * HOUR, What.CANCEL, words="The patient has a fever"),
    ]


def too_little_time(now: datetime, zone: ZoneInfo) -> list[Happening]:
    """A hold of seven days signed three days before the procedure: it does not fit, and somebody must say so."""
    return [
        *up_to_the_booking(now, at_local(now, zone, 3, 8)),
        Happening(now - 3 * HOUR, What.DRAFT, "clopidogrel", words="P7D"),
        Happening(now - 2 * HOUR, What.SIGN),
    ]


def wants_no_texts(now: datetime, zone: ZoneInfo) -> list[Happening]:
    """Stopped the texts last week: the reminder of the ride home became a phone call yesterday."""
    return [*up_to_the_booking(now, at_local(now, zone, 6, 11)), Happening(now - 6 * DAY, What.STOP_TEXTS)]
