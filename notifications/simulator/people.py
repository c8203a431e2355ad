"""The people of a simulation: made up, in both languages, with numbers that belong to nobody."""

import random
from dataclasses import dataclass
from datetime import date

from patients.models import ContactKind, Language

NAMES = {
    Language.ENGLISH: (
        ("Dorothy", "Walter", "Ruth", "Harold", "Evelyn", "Frank", "Marjorie", "Leonard", "Gloria", "Raymond",
         "Beverly", "Eugene", "Lois", "Stanley", "Joyce", "Arthur", "Norma", "Clarence", "Shirley", "Howard"),
        ("Whitfield", "Kowalski", "Brennan", "Osborne", "Feldman", "Nakamura", "Haines", "Lindqvist", "Prescott",
         "Abernathy", "Callahan", "Dubois", "Ellsworth", "Grady", "Hollis", "Irving", "Jessup", "Larkin"),
    ),
    Language.SPANISH: (
        ("Consuelo", "Ramón", "Esperanza", "Joaquín", "Amparo", "Ernesto", "Guadalupe", "Rafael", "Mercedes", "Arturo",
         "Josefina", "Ignacio", "Dolores", "Humberto", "Graciela", "Rosa", "Ángel", "Socorro"),
        ("Villanueva", "Ortega Ríos", "Castañeda", "Salgado", "Montoya", "Barrera", "Quintero", "Pacheco", "Zamora",
         "Ibarra Luna", "Peña", "Escobedo", "Villarreal", "Cárdenas", "Fuentes"),
    ),
}  # fmt: skip

RESERVED_AREAS = (
    "212", "312", "415", "617", "702", "813", "915", "206", "303", "404", "503", "602", "713", "808", "907", "202",
)  # fmt: skip
RESERVED_LINES = 100
"""555-0100 to 555-0199 are set aside for fiction in every area: nobody is ever reached."""

HELPERS_FROM = 800
"""Caregivers have numbers of their own: those of people so many places further on."""

OLDEST, YOUNGEST = 88, 65


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach a person, tried in the order of `rank`."""

    kind: ContactKind
    address: str
    rank: int


@dataclass(frozen=True, slots=True)
class Person:
    """A patient to be: `zone` is empty when it is the clinic's."""

    record_number: str
    given_name: str
    family_name: str
    birth_date: date
    language: str
    zone: str
    contacts: tuple[Contact, ...]
    has_consent: bool
    caregiver: Contact | None = None


def make_person(rng: random.Random, *, index: int, year: int, zone: str, complete: bool = False) -> Person:
    """Somebody aged 65 to 88 in `year`. `complete`: with a mobile number and a consent, which some people lack."""
    language = Language.SPANISH if rng.random() < 0.3 else Language.ENGLISH
    given, family = (rng.choice(names) for names in NAMES[language])
    born = date(year - rng.randint(YOUNGEST, OLDEST), rng.randint(1, 12), rng.randint(1, 28))
    contacts = contacts_of(rng, index=index)
    has_contact, has_consent = rng.random() >= 0.03, rng.random() >= 0.03
    return Person(
        record_number=f"MRN-{100_000 + index}",
        given_name=given,
        family_name=family,
        birth_date=born,
        language=language.value,
        zone=zone,
        contacts=contacts if has_contact or complete else (),
        has_consent=has_consent or complete,
        caregiver=Contact(ContactKind.SMS, reserved_phone(index + HELPERS_FROM), 1) if index % 6 == 2 else None,
    )


def contacts_of(rng: random.Random, *, index: int) -> tuple[Contact, ...]:
    """A mobile number for everyone, a second way for some."""
    phone = reserved_phone(index)
    found = [Contact(ContactKind.SMS, phone, 1)]
    if rng.random() < 0.3:
        found.append(Contact(ContactKind.VOICE, phone, 2))
    if rng.random() < 0.3:
        found.append(Contact(ContactKind.EMAIL, f"patient{index}@example.org", 3))
    return tuple(found)


def reserved_phone(index: int) -> str:
    """A number from the range that is set aside for fiction; they repeat after 1,600 people."""
    area = RESERVED_AREAS[index // RESERVED_LINES % len(RESERVED_AREAS)]
    return f"+1{area}55501{index % RESERVED_LINES:02d}"
