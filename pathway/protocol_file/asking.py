"""Texts that ask for an answer: what each asks for, and whether the reminder behind it knows what to do with it."""

import re
from collections.abc import Iterable, Mapping

from pathway.answers import ANSWER_SETS
from pathway.planner.spec import Protocol, ReminderSpec, Wording
from pathway.protocol_file.findings import Findings, listed
from pathway.protocol_file.places import reminder_table, steps_of
from pathway.replying import without_replies

ASKS = re.compile(r"\b(?:reply|responda|responde|conteste|contesta)\b", re.IGNORECASE)
"""From here on a text names the keys that it takes."""

KEY = re.compile(r"(?<![\w{:])[CR123](?![\w}])(?!:\d)(?! ?[AP]M\b)")
"""A reply key standing by itself: no part of a word, a number, a placeholder or a clock time."""


KEYWORD = re.compile(
    r"\b(?i:reply|text|responda|responde|conteste|contesta|mande|envíe)\b[^.!?]*\b(?:STOP|START|HELP|ALTO|PARAR|AYUDA)\b"
)
"""What a text may ask for besides an answer. "Do not STOP your medicine" asks for none."""


def keys_asked(words: str) -> tuple[str, ...]:
    """The reply keys that a text in one language asks for, in order, each once."""
    verb = ASKS.search(words)
    return tuple(dict.fromkeys(KEY.findall(words[verb.end() :]))) if verb else ()


def asking_texts(keys: Iterable[str], texts: Mapping[str, Wording]) -> tuple[str, ...]:
    """Those of the texts that ask for an answer in any language."""
    return tuple(key for key in keys if any(keys_asked(words) for words in texts.get(key, {}).values()))


def check_asking(protocol: Protocol, findings: Findings) -> None:
    """What is asked in a text is just what the reminder takes as an answer, and silence ends with a person."""
    for table, step in steps_of(protocol):
        for index, spec in enumerate(step.reminders):
            inner = reminder_table(table, index, spec)
            if spec.answers:
                check_keys_named(protocol, spec, findings, table=inner)
            check_waits(spec, findings, table=inner)
    for field in ("copy_prefix", "copy_no_reply"):
        other = "copy_no_reply" if field == "copy_prefix" else "copy_prefix"
        if any(getattr(protocol, field).values()) and not any(getattr(protocol, other).values()):
            findings.add("messages", other, f"is missing: copies need it beside {field}.")


def check_keys_named(protocol: Protocol, spec: ReminderSpec, findings: Findings, *, table: str) -> None:
    """The text names the keys of its set in every language; a correction does so too, or asks nothing."""
    wanted = ANSWER_SETS[spec.answers].keys
    for key in dict.fromkeys((spec.text, *spec.asked_in)):
        for language, words in protocol.texts.get(key, {}).items():
            asked = keys_asked(words)
            if set(asked) != set(wanted):
                told = (
                    f'"{spec.answers}" takes {listed(wanted)}, but [texts.{key}] in {language} asks for '
                    f"{listed(asked) or 'none'}: write Reply with just these keys, or name another set."
                )
                findings.add(table, "answers", told)


def check_waits(spec: ReminderSpec, findings: Findings, *, table: str) -> None:
    """Waiting makes sense for a question only, and whoever is asked again is not left in silence."""
    for field, other in (("answer_within", "then_within"), ("then_within", "answer_within")):
        if getattr(spec, field) is None:
            continue
        if not spec.answers and not findings.has(table, "answers"):
            findings.add(table, field, "waits for an answer, but nothing is asked: name the set in answers.")
        elif getattr(spec, other) is None and not findings.has(table, other):
            told = f"is missing: {field} needs it, so that silence ends with a person."
            findings.add(table, other, told)


def check_nothing_asked_in_vain(protocol: Protocol, findings: Findings) -> None:
    """No text asks for an answer that nobody waits for."""
    for table, step in steps_of(protocol):
        for index, spec in enumerate(step.reminders):
            inner = reminder_table(table, index, spec)
            for field in ("text", "correction", "cancelled"):
                key = getattr(spec, field)
                asking = asking_texts((key,), protocol.texts)
                if not asking or (spec.answers and field != "cancelled") or findings.has(inner, "answers"):
                    continue
                if field == "cancelled":
                    told = f"[texts.{key}] asks for an answer about a visit that is off: take the question away."
                    findings.add(inner, field, told)
                else:
                    told = f"is missing: [texts.{key}] asks for an answer, so name one of {listed(ANSWER_SETS)}."
                    findings.add(inner, "answers", told)


def check_replies_can_be_left_out(protocol: Protocol, findings: Findings) -> None:
    """What to reply is said in sentences of its own: calls and emails leave them out, since nobody can reply there."""
    for key, wording in protocol.texts.items():
        for language, words in wording.items():
            if asks_for_a_reply(without_replies(words, language)):
                told = (
                    "says what to reply within another sentence. Calls and emails leave it out, since nobody can reply "
                    "there: begin a sentence with Reply (Responda)."
                )
                findings.add(f"texts.{key}", language, told)
    for key, wording in protocol.emails.items():
        for language, words in wording.items():
            if asks_for_a_reply(words):
                findings.add(f"texts.{key}", f"email.{language}", "asks for a reply, which nobody reads: leave it out.")


def asks_for_a_reply(words: str) -> bool:
    """Whether words in one language say what to text back."""
    return bool(keys_asked(words) or KEYWORD.search(words))
