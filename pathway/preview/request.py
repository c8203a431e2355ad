"""From the arguments of `manage.py plan` to a protocol, its facts and the plan that follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from pathway.planner import Facts, Milestone, Plan, Policy, Protocol, plan, resolve
from pathway.planner.spec import Duration, Moment
from pathway.preview.arguments import (
    ArgumentError,
    TypedTime,
    quoted,
    read_elapsed,
    read_holds,
    read_time,
    read_window,
    read_zone,
)
from pathway.protocol_file import ProtocolError, load, shipped_keys, shipped_path

PROCEDURE = "procedure"
LEAD = Moment(PROCEDURE, Duration(days=-28))
"""When nothing else is said, the case is booked four weeks before."""

LEAST_FASTING = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan and all that it was made from. `assumed` are the milestones that nobody gave, `notes` are for people."""

    protocol: Protocol
    facts: Facts
    now: datetime
    plan: Plan
    assumed: frozenset[str]
    notes: tuple[str, ...]


def read_request(
    *,
    protocol: str,
    zone: str,
    milestones: Mapping[str, str],
    now: str | None = None,
    holds: Sequence[str] = (),
    window: str | None = None,
    language: str = "en",
    fasting: str | None = None,
    arrival: str | None = None,
) -> Preview:
    """The preview for what was typed; `milestones` holds the typed times by key. Raises `ArgumentError`."""
    spec = read_protocol(protocol)
    if language not in spec.languages:
        told = f"{quoted(language)} is not a language of this protocol: {', '.join(spec.languages)}"
        raise ArgumentError("--language", told)
    place = read_zone(zone)
    typed = {key: read_time(f"--{key}", text, place) for key, text in milestones.items()}
    check_known(spec, typed)
    procedure = typed[PROCEDURE].at
    at = read_time("--now", now, place).at if now is not None else moment(LEAD, {PROCEDURE: procedure}, place)
    check_order(spec, {key: time.at for key, time in typed.items()}, assumed=frozenset())
    known = with_assumed(spec, {key: time.at for key, time in typed.items()}, enrolled=at, zone=place)
    assumed = frozenset(known.keys() - typed.keys())
    check_order(spec, known, assumed=assumed)
    facts = Facts(
        milestones={key: Milestone(when) for key, when in known.items()},
        zone=place,
        language=language,
        enrolled_at=at,
        policy=read_policy(spec, window=window, fasting=fasting, arrival=arrival),
        holds=read_holds(list(holds), signed_at=at),
    )
    return Preview(spec, facts, at, plan(spec, facts, at), assumed, notes_on(typed, place, now=at))


def read_protocol(name: str) -> Protocol:
    """A shipped protocol by its key, or a file by its path."""
    shipped = shipped_keys()
    path = shipped_path(name) if name in shipped else Path(name)
    try:
        if name not in shipped and not path.is_file():
            told = f"{quoted(name)} is neither a file nor a shipped protocol: {', '.join(shipped)}"
            raise ArgumentError("protocol", told)
        source = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ArgumentError("protocol", f"{quoted(name)} cannot be read as UTF-8 text: {error}") from None
    try:
        return load(source, name=path.name)
    except ProtocolError as error:
        more = len(error.findings) - 1
        rest = f" (and {more} more: see manage.py protocol check)" if more else ""
        raise ArgumentError("protocol", f"{error.findings[0]}{rest}") from None


def read_policy(protocol: Protocol, *, window: str | None, fasting: str | None, arrival: str | None) -> Policy:
    """The clinic's rules, with the protocol's own window and the usual lengths where nothing was typed."""
    usual = Policy()
    opens, closes = read_window(window) if window is not None else (protocol.window_opens, protocol.window_closes)
    why = "a patient must not eat for at least six hours (PT6H)"
    return Policy(
        window_opens=opens,
        window_closes=closes,
        arrival_lead=read_elapsed("--arrival", arrival, at_least=timedelta(0))
        if arrival is not None
        else usual.arrival_lead,
        fasting=read_elapsed("--fasting", fasting, at_least=LEAST_FASTING, why=why)
        if fasting is not None
        else usual.fasting,
    )


def check_known(protocol: Protocol, typed: Mapping[str, TypedTime]) -> None:
    """Every time that was given belongs to a milestone of the protocol."""
    keys = [milestone.key for milestone in protocol.milestones]
    for key in typed:
        if key not in keys:
            raise ArgumentError(f"--{key}", f"{protocol.key} has no such milestone: {', '.join(keys)}")


def check_order(protocol: Protocol, known: Mapping[str, datetime], *, assumed: frozenset[str]) -> None:
    """Visits come in the order of the file: some before the procedure, going home after it, follow-ups after that."""
    procedure = known[PROCEDURE]
    kinds = {one.key: one.kind for one in protocol.milestones}
    order = [one.key for one in protocol.milestones]
    before = order[: order.index(PROCEDURE)]
    home = next((known[key] for key in order if kinds[key] == "discharge" and key in known), procedure)
    for key, at in known.items():
        if key in assumed or key == PROCEDURE:
            continue
        if key in before and at >= procedure:
            raise ArgumentError(f"--{key}", "must be before the procedure")
        if kinds[key] == "discharge" and at <= procedure:
            raise ArgumentError(f"--{key}", "must be after the procedure")
        if kinds[key] == "follow-up" and at <= home:
            raise ArgumentError(f"--{key}", "must be after the patient has gone home")
    visits = [one.key for one in protocol.follow_ups if one.key in known and not assumed]
    for first, second in pairwise(visits):
        if known[second] <= known[first]:
            raise ArgumentError(f"--{second}", f"must be after --{first}")


def with_assumed(
    protocol: Protocol, given: Mapping[str, datetime], *, enrolled: datetime, zone: ZoneInfo
) -> dict[str, datetime]:
    """The given times, and the protocol's expectation or example for every other milestone."""
    known = dict(given)
    waiting = {one.key: target for one in protocol.milestones if (target := one.expected or one.example)}
    for _ in protocol.milestones:  # each round settles at least one, since none is counted from itself
        for key, target in waiting.items():
            at = resolve(target, known | {"enrolled": enrolled}, zone)
            if key not in known and at is not None:
                known[key] = at
    return known


def moment(target: Moment, anchors: Mapping[str, datetime], zone: ZoneInfo) -> datetime:
    """The instant of a moment whose anchor is known."""
    at = resolve(target, anchors, zone)
    if at is None:
        raise LookupError(target.anchor)
    return at


def notes_on(typed: Mapping[str, TypedTime], zone: ZoneInfo, *, now: datetime) -> tuple[str, ...]:
    """What a person should know about the times they typed."""
    past = ("The procedure is past: only what comes after it can still go out.",) if typed[PROCEDURE].at < now else ()
    return past + tuple(
        f"--{key}: clocks skip that time on that day; {time.at.astimezone(zone):%H:%M} is meant"
        for key, time in typed.items()
        if time.in_gap
    )
