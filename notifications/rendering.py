"""The words of a reminder at the moment it is sent: protocol text, clinic, links, and times as people say them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from phonenumber_field.phonenumber import PhoneNumber

from notifications.models import Recipient
from notifications.stop_links import stop_url
from pathway.models import Origin, Reminder
from pathway.planner.spec import Protocol, Wording
from pathway.queries.protocols import protocol_of
from pathway.replying import as_email
from pathway.wording import WordingError, fill, placeholders, spoken
from patients.models import ContactKind
from patients.queries.caregivers import caregiver_of

LINK_MARK, STOP_MARK = "\x00", "\x01"
"""Stand where the links to the patient's page, and to the page that stops messages, go; no text can hold them."""

MARKS = re.compile(f"[{LINK_MARK}{STOP_MARK}]")
FAREWELLS = frozenset({"stopped", "copies-stopped"})
"""Texts that say that nothing more comes: there is nothing to stop any more."""

BUILT_IN: Mapping[str, Wording] = {
    "help": {
        "en": "{clinic}: Questions? Call {phone}. Emergency: call 911. Reply STOP to end texts.",
        "es": "{clinic}: Si tiene preguntas, llame al {phone}. Emergencia: 911. Responda STOP para no recibir textos.",
    },
    "stopped": {
        "en": "{clinic}: You will get no more texts. Text START to get texts again. {phone}",
        "es": "{clinic}: Ya no recibe textos. Mande START si quiere recibirlos otra vez. {phone}",
    },
    "copies-stopped": {
        "en": "{clinic}: You will get no more copies of texts. Text START to get them again. {phone}",
        "es": "{clinic}: Ya no recibe copias de textos. Mande START si quiere recibirlas otra vez. {phone}",
    },
}
"""Words that an answer needs whatever a published protocol says: one from before it had them cannot change."""


@dataclass(frozen=True, slots=True)
class Words:
    """A message in the reader's language. `body` may still hold marks for links; `subject` is for emails only."""

    language: str
    subject: str
    body: str

    @property
    def needs_link(self) -> bool:
        return LINK_MARK in self.body

    @property
    def offers_stop(self) -> bool:
        return STOP_MARK in self.body

    def as_message(self, message_id: UUID, *, token: str = "") -> str:
        """The body of one message: the patient's page by its `token`, and where this message's reader can stop them."""
        body = self.body.replace(LINK_MARK, f"{settings.PUBLIC_URL}/p/{token}")
        return body.replace(STOP_MARK, stop_url(message_id)) if self.offers_stop else body

    def are_those_of(self, body: str) -> bool:
        """Whether an earlier body says the same, whatever links it holds."""
        parts = MARKS.split(self.body)
        if len(parts) == 1:
            return body == self.body
        return body.startswith(parts[0]) and body.endswith(parts[-1]) and all(part in body for part in parts)


def render(reminder: Reminder, *, kind: str) -> Words:
    """The words of a reminder to whoever it is for; see `words_for`."""
    patient, protocol = reminder.journey.patient, protocol_of(reminder.journey.protocol_version)
    copied = recipient_of(reminder.origin) == Recipient.CAREGIVER
    caregiver = caregiver_of(patient) if copied else None  # removed since: such a copy is not sent
    return words_for(
        protocol,
        text=reminder.text,
        says=reminder.says,
        language=caregiver.language if caregiver else patient.language,
        kind=kind,
        clinic=patient.clinic.name,
        phone=patient.clinic.phone.as_e164 if patient.clinic.phone else "",
        asks="" if copied else protocol.asked_by(reminder.base_key, reminder.text),
        copy_of=reminder.base_key if copied else "",
    )


def words_for(
    protocol: Protocol,
    *,
    text: str,
    says: Mapping[str, str],
    language: str,
    kind: str,
    clinic: str,
    phone: str,
    asks: str = "",
    copy_of: str = "",
) -> Words:
    """A text of the protocol for one kind of contact point; `phone` is the clinic's (E.164, or empty).

    In the reader's language, or the protocol's first where it has no such text. An email says whom to call with the
    answer that it `asks` for (an answer set), since nobody reads replies to it. A copy to the caregiver (`copy_of`: the
    key of what it copies) says first that it is one, and that only the patient replies where the text asks for an
    answer; it names nobody. Raises `WordingError` when the text is not in the protocol or tells something that the
    reminder does not know.
    """
    language = language if language in protocol.languages else protocol.languages[0]
    is_email = kind == ContactKind.EMAIL
    wording = (protocol.emails.get(text) if is_email else None) or protocol.texts.get(text) or BUILT_IN.get(text)
    if wording is None:
        raise WordingError(f"the protocol has no text {text!r}")
    template, subject = in_language(wording, language, protocol), ""
    values = {**about_clinic(clinic, phone), "link": LINK_MARK, "stop": STOP_MARK, **spoken(says, language)}
    if is_email:
        template = as_email(template, language=language, asks=asks, may_stop=text not in FAREWELLS)
        subject = fill(in_language(protocol.subject, language, protocol), about_clinic(clinic, phone))
    beginning = beginning_of_copy(copy_of, text, language, protocol) if copy_of else ""
    told = told_by(template)
    body = fill(template, {name: value for name, value in values.items() if name in told})
    return Words(language=language, subject=subject, body=beginning + body)


def recipient_of(origin: str) -> Recipient:
    """Who reads a reminder of this origin."""
    return Recipient.CAREGIVER if origin == Origin.COPY else Recipient.PATIENT


def beginning_of_copy(base_key: str, text: str, language: str, protocol: Protocol) -> str:
    """What stands before a text in a copy, with the space behind it."""
    spec = protocol.reminder(base_key)
    parts = [in_language(protocol.copy_prefix, language, protocol)]
    if spec is not None and text in spec.asked_in:
        parts.append(in_language(protocol.copy_no_reply, language, protocol))
    return "".join(f"{part} " for part in parts)


@lru_cache(maxsize=1024)
def told_by(template: str) -> frozenset[str]:
    """The placeholders of a text."""
    return frozenset(placeholders(template))


def in_language(wording: Wording, language: str, protocol: Protocol) -> str:
    """A text in one language; raises `WordingError` where it has none in it."""
    if language not in wording:
        raise WordingError(f"protocol {protocol.key} {protocol.version} has a text without {language!r}")
    return wording[language]


@lru_cache(maxsize=1024)
def about_clinic(clinic: str, phone: str) -> Mapping[str, str]:
    """What a text tells of the clinic: its name, and its number as people in its country write it, if it has one."""
    about = {"clinic": clinic}
    return {**about, "phone": PhoneNumber.from_string(phone).as_national} if phone else about
