"""From the text of a protocol file to a `Protocol`: first the shape of every table, then what must fit together."""

import tomllib
from typing import Any

from pathway.answers import ANSWER_SETS
from pathway.planner.spec import (
    MILESTONE_KINDS,
    TWO_WEEKS,
    Duration,
    MilestoneSpec,
    Moment,
    Protocol,
    ReminderSpec,
    StepSpec,
    Wording,
)
from pathway.protocol_file.asking import asking_texts, check_nothing_asked_in_vain, check_replies_can_be_left_out
from pathway.protocol_file.check_ins import check_check_ins, read_check_ins
from pathway.protocol_file.checklist import read_checklist
from pathway.protocol_file.consistency import check_consistency
from pathway.protocol_file.day import read_day
from pathway.protocol_file.findings import Finding, Findings, ProtocolError, listed
from pathway.protocol_file.measures import read_measures
from pathway.protocol_file.milestones import check_milestones
from pathway.protocol_file.table import TOP, Table, key_rule
from pathway.wording import LANGUAGES, told_times

KINDS = ("education", "appointment", "medication", "ride", "fasting", "restriction", "check-in")
NOWHERE = Moment(anchor="")
"""Stands in for a moment that is missing or wrong; that one has its finding already."""


def load(source: str, *, name: str, published: bool = False) -> Protocol:
    """The protocol that `source` (TOML) describes; `name` is what findings call the file.

    One that is `published` is read by the rules of its day: what later versions must have besides is not asked of it.
    Raises `ProtocolError` with everything that is wrong.
    """
    findings = Findings(name)
    top = Table(parse_toml(source, name=name), TOP, findings)
    protocol = read_protocol(top)
    top.finish()
    check_consistency(protocol, findings)
    check_check_ins(protocol, findings)
    if not published:
        check_nothing_asked_in_vain(protocol, findings)
        check_replies_can_be_left_out(protocol, findings)
        check_milestones(protocol, findings)
    if findings.found:
        raise ProtocolError(findings.found)
    return protocol


def parse_toml(source: str, *, name: str) -> dict[str, Any]:
    """The tables of the file. Raises `ProtocolError` naming the line where the file is no TOML."""
    try:
        return tomllib.loads(source.removeprefix("\ufeff"))
    except RecursionError:
        message = "brackets are nested too deeply to be read."
        raise ProtocolError([Finding(name, TOP, "syntax", message)]) from None
    except ValueError as error:
        message = " ".join(str(error).split()) + ". Look at that place, and at the line before it."
        raise ProtocolError([Finding(name, TOP, "syntax", message)]) from None


def read_protocol(top: Table) -> Protocol:
    """The whole file, table by table."""
    head = top.table("protocol")
    languages = read_languages(head)
    messages = top.table("messages")
    texts, allows, calls, emails = read_texts(top, languages)
    milestones = tuple(read_milestone(table, languages) for table in top.tables("milestones"))
    steps = tuple(read_step(table, languages, texts) for table in top.tables("steps"))
    candidacy, not_a_candidate_call = read_checklist(top, languages)
    protocol = Protocol(
        key=head.key("key", "a short name such as mild"),
        title=head.text("title", "the name of the protocol", longest=120),
        version=head.text("version", 'the version, such as "1"', longest=20),
        languages=languages,
        window_opens=messages.wall_time("window_opens"),
        window_closes=messages.wall_time("window_closes"),
        closing_margin=messages.length("closing_margin"),
        notice=messages.length("notice"),
        min_gap=messages.length("min_gap"),
        daily_cap=messages.positive("daily_cap"),
        weekly_cap=messages.positive("weekly_cap"),
        subject=messages.wording("subject", languages),
        milestones=milestones,
        steps=steps,
        texts=texts,
        allows=allows,
        spanish_checked_by=head.text("spanish_checked_by", "who read the Spanish", required=False, longest=200),
        copy_prefix=messages.wording("copy_prefix", languages, required=False),
        copy_no_reply=messages.wording("copy_no_reply", languages, required=False),
        candidacy=candidacy,
        not_a_candidate_call=not_a_candidate_call,
        measures=read_measures(top, languages, (*(one.key for one in milestones), *(one.key for one in steps))),
        check_ins=read_check_ins(top, languages),
        day=read_day(top),
        calls=calls,
        emails=emails,
        restart_not_before=read_restart(top),
    )
    head.finish()
    messages.finish()
    return protocol


def read_restart(top: Table) -> Duration | None:
    """What `[holds]` says about the earliest restart; it may be left out."""
    holds = top.optional("holds")
    if holds is None:
        return None
    earliest = holds.wait("restart_not_before")
    if earliest is None and "restart_not_before" not in holds.raw:
        holds.wrong("restart_not_before", 'is missing: give it, such as "P8D", or take [holds] away.')
    holds.finish()
    return earliest


def read_languages(head: Table) -> tuple[str, ...]:
    """The languages of the protocol; those that Milepost can write days and times in."""
    languages = head.words("languages")
    if not languages:
        head.wrong("languages", f"names none: give at least one of {listed(LANGUAGES)}.")
    for language in languages:
        if language not in LANGUAGES:
            head.wrong("languages", f'"{language}" is not one that days and times can be told in: {listed(LANGUAGES)}.')
    if len(set(languages)) < len(languages):
        head.wrong("languages", "names a language twice: take one away.")
    return tuple(dict.fromkeys(language for language in languages if language in LANGUAGES)) or LANGUAGES[:1]


def read_texts(
    top: Table, languages: tuple[str, ...]
) -> tuple[dict[str, Wording], dict[str, tuple[str, ...]], dict[str, Wording], dict[str, Wording]]:
    """By key the texts, the words that each may use although they name something medical, and its calls and emails."""
    outer = top.table("texts")
    texts: dict[str, Wording] = {}
    allows: dict[str, tuple[str, ...]] = {}
    calls: dict[str, Wording] = {}
    emails: dict[str, Wording] = {}
    for key, raw in outer.raw.items():
        outer.known.append(key)
        if not Table.is_key(key):
            outer.wrong(key, f"is not a key: {key_rule()}.")
        if not isinstance(raw, dict):
            outer.wrong(key, f"give a table [texts.{key}] with the words in every language.")
            continue
        table = Table(raw, f"texts.{key}", outer.findings)
        texts[key] = {language: table.text(language, f"the words in {language}") for language in languages}
        if allowed := table.words("allows"):
            allows[key] = allowed
        for field, found in (("call", calls), ("email", emails)):
            words = table.wording(field, languages, required=False)
            if any(words.values()):
                found[key] = words
        table.finish()
    return texts, allows, calls, emails


def read_milestone(table: Table, languages: tuple[str, ...]) -> MilestoneSpec:
    """One `[[milestones]]`."""
    key = table.key("key", "a key such as procedure")
    milestone = MilestoneSpec(
        key=key,
        title=table.wording("title", languages),
        lasts=table.length("lasts"),
        expected=table.moment("expected", required=False),
        example=table.moment("example", required=False),
        book_from=table.moment("book_from", required=False),
        book_until=table.moment("book_until", required=False),
        kind=table.choice("kind", MILESTONE_KINDS, required=False) or kind_by_key(key),
        book_ahead=table.wait("book_ahead") or TWO_WEEKS,
    )
    table.finish()
    return milestone


def kind_by_key(key: str) -> str:
    """The kind of a milestone that names none: versions published before there were kinds told it by their keys."""
    if key in MILESTONE_KINDS:
        return key
    return "follow-up" if key.startswith("follow-up") else "visit"


def read_step(table: Table, languages: tuple[str, ...], texts: dict[str, Wording]) -> StepSpec:
    """One `[[steps]]` with its reminders."""
    key = table.key("key", "a key such as fasting")
    about = table.key("about", "the milestone that the texts tell the time of", required=False)
    step = StepSpec(
        key=key,
        kind=table.choice("kind", KINDS),
        title=table.wording("title", languages),
        about=about,
        starts=table.moment("starts") or NOWHERE,
        ends=table.moment("ends") or NOWHERE,
        eases=table.moment("eases", required=False),
        detail=table.wording("detail", languages, required=False),
        reminders=tuple(
            read_reminder(inner, languages, texts, step=key, about=about)
            for inner in table.tables("reminders", required=False)
        ),
    )
    table.finish()
    return step


def read_reminder(
    table: Table, languages: tuple[str, ...], texts: dict[str, Wording], *, step: str, about: str
) -> ReminderSpec:
    """One `[[steps.reminders]]`; its key is `<step>/<key>`."""
    own_key = table.key("key", "a key such as evening-before")
    text = table.key("text", "the key of one of the texts")
    moves = table.choice("moves", ("earlier", "later"))
    if_late = table.choice("if_late", ("call", "skip"))
    answers = table.choice("answers", tuple(ANSWER_SETS), required=False)
    correction = table.key("correction", "the key of one of the texts", required=False)
    reminder = ReminderSpec(
        key=f"{step}/{own_key}",
        step=step,
        text=text,
        about=about,
        tells=told_times(texts.get(text, {})),
        send=table.moment("send") or NOWHERE,
        useful_until=table.moment("useful_until") or NOWHERE,
        moves="earlier" if moves == "earlier" else "later",
        if_late="call" if if_late == "call" else "skip",
        safety=table.flag("safety"),
        for_each_hold=table.choice("for_each", ("hold",), required=False) == "hold",
        resend_unproven=table.flag("resend_unproven"),
        correction=correction,
        cancelled=table.key("cancelled", "the key of one of the texts", required=False),
        call=table.wording("call", languages, required=if_late == "call"),
        answers=answers,
        answer_within=table.wait("answer_within"),
        then_within=table.wait("then_within"),
        asked_in=asking_texts((text, correction), texts) if answers else (),
    )
    table.finish()
    return reminder
