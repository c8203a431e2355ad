"""The texts of a protocol against the reminders that use them."""

import re
from collections.abc import Iterator

from pathway.planner.spec import Protocol, ReminderSpec, Wording
from pathway.protocol_file.findings import Findings, did_you_mean, listed
from pathway.protocol_file.places import milestone_table, reminder_table, steps_of
from pathway.wording import PLACEHOLDER, PLACEHOLDERS, placeholders, told_times

USED_BY_MILEPOST = frozenset({"stopped", "help", "resumed"})
"""Texts that no reminder names: Milepost answers with them by itself."""

MAY_DIFFER = frozenset({"phone", "link"})
"""Where these stand, and whether, may differ between languages; what a text tells about the visit may not."""

FROM_PROCEDURE = frozenset({"arrival", "fast_from"})
SUBJECT_PLACEHOLDERS = ("clinic",)


def check_texts(protocol: Protocol, findings: Findings) -> None:
    """Every text can be filled, says the same in every language, and is used by a reminder that can fill it."""
    for key, wording in protocol.texts.items():
        check_placeholders(wording, PLACEHOLDERS, findings, table=f"texts.{key}", field="")
        check_same_in_all(wording, findings, table=f"texts.{key}")
    for key, wording in protocol.emails.items():
        check_placeholders(wording, PLACEHOLDERS, findings, table=f"texts.{key}", field="email.")
        check_tells_what_the_text_tells(wording, protocol.texts[key], findings, table=f"texts.{key}")
    check_placeholders(protocol.subject, SUBJECT_PLACEHOLDERS, findings, table="messages", field="subject.")
    for field in ("copy_prefix", "copy_no_reply"):
        check_placeholders(getattr(protocol, field), (), findings, table="messages", field=f"{field}.")
    for table, field, wording in page_wordings(protocol):
        check_placeholders(wording, (), findings, table=table, field=f"{field}.")
    used: set[str] = set(USED_BY_MILEPOST)
    for table, step in steps_of(protocol):
        for index, spec in enumerate(step.reminders):
            used.update((spec.text, spec.correction, spec.cancelled))
            check_reminder(protocol, spec, findings, table=reminder_table(table, index, spec))
    for key in protocol.texts:
        if key not in used:
            findings.add(f"texts.{key}", "key", "no reminder uses this text: name it in one, or take it away.")


def page_wordings(protocol: Protocol) -> Iterator[tuple[str, str, Wording]]:
    """What pages and staff read, as table, field and words: titles, details and phone scripts."""
    for index, milestone in enumerate(protocol.milestones):
        yield milestone_table(index, milestone), "title", milestone.title
    for table, step in steps_of(protocol):
        yield table, "title", step.title
        yield table, "detail", step.detail
        for index, spec in enumerate(step.reminders):
            yield reminder_table(table, index, spec), "call", spec.call
    for key, words in protocol.calls.items():
        yield f"texts.{key}", "call", words


def check_placeholders(wording: Wording, known: tuple[str, ...], findings: Findings, *, table: str, field: str) -> None:
    """Words hold known placeholders only, and no brace on its own."""
    for language, words in wording.items():
        for name in placeholders(words):
            if name not in known:
                can = listed(f"{{{one}}}" for one in known) or "none"
                told = f"{{{name}}} cannot be filled in here.{did_you_mean(name, known)} Known here: {can}."
                findings.add(table, f"{field}{language}", told)
        if re.search(r"[{}]", PLACEHOLDER.sub("", words)):
            told = "has a brace without its partner: write placeholders like {day}."
            findings.add(table, f"{field}{language}", told)


def check_same_in_all(wording: Wording, findings: Findings, *, table: str) -> None:
    """Every language tells the same things."""
    held = {language: set(placeholders(words)) - MAY_DIFFER for language, words in wording.items() if words.strip()}
    everything = set().union(*held.values())
    for language, names in held.items():
        if missing := [name for name in PLACEHOLDERS if name in everything - names]:
            told = f"lacks {listed(f'{{{name}}}' for name in missing)}, which another language tells: add it."
            findings.add(table, language, told)


def check_tells_what_the_text_tells(wording: Wording, text: Wording, findings: Findings, *, table: str) -> None:
    """An email tells the same of the visit as its text, or a correction would take back what was never told."""
    for language, words in wording.items():
        told, wanted = told_times({language: words}), told_times({language: text[language]})
        if told != wanted:
            same = braced(wanted) or "no time"
            findings.add(table, f"email.{language}", f"must tell just what the text tells: {same}.")


def check_reminder(protocol: Protocol, spec: ReminderSpec, findings: Findings, *, table: str) -> None:
    """One reminder names texts that exist, and that its milestone can fill."""
    for field in ("text", "correction", "cancelled"):
        key = getattr(spec, field)
        if not key:
            continue
        if key not in protocol.texts:
            near = did_you_mean(key, protocol.texts)
            findings.add(table, field, f"there is no [texts.{key}]: write it, or name another text.{near}")
        else:
            check_can_fill(protocol, spec, key, findings, table=table, field=field)
    check_replacements(protocol, spec, findings, table=table)


def check_can_fill(
    protocol: Protocol, spec: ReminderSpec, key: str, findings: Findings, *, table: str, field: str
) -> None:
    """The step is about the milestone whose times the text tells."""
    tells = told_times(protocol.texts[key])
    if field == "cancelled":
        if tells:
            told = f"[texts.{key}] tells {braced(tells)} of a visit that is off: use a text that tells no time."
            findings.add(table, field, told)
        return
    if tells and not spec.about:
        told = f"[texts.{key}] tells {braced(tells)}: name the milestone in the step's about."
        findings.add(table, field, told)
    anchors = {spec.send.anchor, spec.useful_until.anchor, *follows_from(spec.send.anchor, spec.useful_until.anchor)}
    if tells and spec.about and spec.about not in anchors:
        told = f'[texts.{key}] tells {braced(tells)} of "{spec.about}": count send or useful_until from it.'
        findings.add(table, field, told)
    if FROM_PROCEDURE & set(tells) and spec.about not in ("", "procedure"):
        told = f'[texts.{key}] tells {braced(tells)}: only a step about "procedure" knows arrival and fasting.'
        findings.add(table, field, told)


def check_replacements(protocol: Protocol, spec: ReminderSpec, findings: Findings, *, table: str) -> None:
    """What told a time can be corrected and called off; the correction tells the same anew, no less and no more."""
    if spec.correction in protocol.texts:
        tells = told_times(protocol.texts[spec.correction])
        if missing := [name for name in spec.tells if name not in tells]:
            told = f"[texts.{spec.correction}] must tell {braced(missing)} too, or the old time would stand."
            findings.add(table, "correction", told)
        if more := [name for name in tells if name not in spec.tells]:
            told = (
                f"[texts.{spec.correction}] tells {braced(more)}, [texts.{spec.text}] does not: use one that matches."
            )
            findings.add(table, "correction", told)
    if not spec.tells:
        return
    for field, when in (("correction", "the time changes"), ("cancelled", "the visit is called off")):
        if not getattr(spec, field):
            told = f"is missing: the text tells {braced(spec.tells)}, so name the text to send when {when}."
            findings.add(table, field, told)


def follows_from(*anchors: str) -> set[str]:
    """The procedure, if one of the anchors is worked out from it."""
    return {"procedure"} if {"arrival", "fast-start"} & set(anchors) else set()


def braced(names: list[str] | tuple[str, ...]) -> str:
    """Placeholders as they stand in a text."""
    return listed(f"{{{name}}}" for name in names)
