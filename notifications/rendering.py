"""The words of a reminder at the moment it is sent: protocol text, clinic, link, and times as people say them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from notifications.models import Recipient
from pathway.actions.links import issue_links
from pathway.models import Journey, Origin, Reminder
from pathway.planner.spec import Protocol, Wording
from pathway.queries.protocols import protocol_of
from pathway.wording import WordingError, fill, placeholders, spoken
from patients.models import Clinic, ContactKind

LINK_MARK = "\x00"
"""Stands where the link goes until there is one; no text can hold it."""

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
    """A message in its reader's language. `body` may still hold `LINK_MARK`; `subject` is for emails only."""

    language: str
    subject: str
    body: str

    @property
    def needs_link(self) -> bool:
        return LINK_MARK in self.body

    def with_link(self, token: str) -> str:
        """The body with the patient's address in it."""
        return self.body.replace(LINK_MARK, f"{settings.PUBLIC_URL}/p/{token}")

    def are_those_of(self, body: str) -> bool:
        """Whether an earlier body says the same, whatever link it holds."""
        parts = self.body.split(LINK_MARK)
        if len(parts) == 1:
            return body == self.body
        return body.startswith(parts[0]) and body.endswith(parts[-1]) and all(part in body for part in parts)


def render(reminder: Reminder, *, kind: str, recipient: Recipient = Recipient.PATIENT) -> Words:
    """The words of a reminder for one kind of contact point.

    In the recipient's language, or the protocol's first where it has no such text. A copy to the caregiver says first
    that it is one, and that only the patient replies where the text asks for an answer; it names nobody. Raises
    `WordingError` when the text is not in the protocol or tells something that the reminder does not know.
    """
    patient = reminder.journey.patient
    protocol = protocol_of(reminder.journey.protocol_version)
    spoken_language = patient.caregiver.language if recipient == Recipient.CAREGIVER else patient.language
    language = spoken_language if spoken_language in protocol.languages else protocol.languages[0]
    wording = protocol.texts.get(reminder.text) or BUILT_IN.get(reminder.text)
    if wording is None:
        raise WordingError(f"the protocol has no text {reminder.text!r}")
    template = in_language(wording, language, protocol)
    told = placeholders(template)
    values = {**about_clinic(patient.clinic), "link": LINK_MARK, **spoken(reminder.says, language)}
    values = {name: value for name, value in values.items() if name in told}
    subject = ""
    if kind == ContactKind.EMAIL:
        subject = fill(in_language(protocol.subject, language, protocol), about_clinic(patient.clinic))
    beginning = beginning_of_copy(reminder, language, protocol) if reminder.origin == Origin.COPY else ""
    return Words(language=language, subject=subject, body=beginning + fill(template, values))


def recipient_of(reminder: Reminder) -> Recipient:
    """Who reads a reminder."""
    return Recipient.CAREGIVER if reminder.origin == Origin.COPY else Recipient.PATIENT


def beginning_of_copy(reminder: Reminder, language: str, protocol: Protocol) -> str:
    """What stands before a text in a copy, with the space behind it."""
    spec = protocol.reminder(reminder.base_key)
    parts = [in_language(protocol.copy_prefix, language, protocol)]
    if spec is not None and reminder.text in spec.asked_in:
        parts.append(in_language(protocol.copy_no_reply, language, protocol))
    return "".join(f"{part} " for part in parts)


def in_language(wording: Wording, language: str, protocol: Protocol) -> str:
    """A text in one language; raises `WordingError` where it has none in it."""
    if language not in wording:
        raise WordingError(f"protocol {protocol.key} {protocol.version} has a text without {language!r}")
    return wording[language]


def about_clinic(clinic: Clinic) -> dict[str, str]:
    """What a text tells of the clinic: its name, and its number as people in its country write it, if it has one."""
    about = {"clinic": clinic.name}
    return {**about, "phone": clinic.phone.as_national} if clinic.phone else about


def links_for(journeys: Iterable[Journey], *, now: datetime) -> Mapping[int, str]:
    """A fresh link token for each of these journeys, by journey id; one for each however often it is named."""
    once = {journey.pk: journey for journey in journeys}
    return issue_links(list(once.values()), now=now) if once else {}
