"""What does not fit, as values that a person is told: too little time before the procedure, a visit at a wrong time."""

from datetime import datetime

from pathway.planner.clock import hold_anchors, iso_duration, last_dose_over, resolve, shift, to_utc
from pathway.planner.facts import Conflict, Facts, Hold, Told
from pathway.planner.spec import Protocol


def conflicts(facts: Facts, now: datetime) -> tuple[Conflict, ...]:
    """Every hold, and the fast, that began too late for the procedure's time, by the earliest time at which all fit."""
    procedure = facts.milestones.get("procedure")
    if procedure is None or procedure.done or procedure.at <= now:
        return ()
    found = [conflict for hold in facts.holds if (conflict := _hold_too_short(hold, procedure.at, facts, now))]
    fast = _fast_too_short(procedure.at, facts, now)
    if fast is not None:
        found.append(fast)
    return tuple(sorted(found, key=lambda conflict: (conflict.earliest_procedure_at, conflict.drug or "")))


def visits_out_of_window(protocol: Protocol, facts: Facts) -> tuple[str, ...]:
    """The booked visits, by key, that lie outside the window in which the protocol wants them."""
    anchors = {key: milestone.at for key, milestone in facts.milestones.items()}
    found = []
    for spec in protocol.milestones:
        visit = facts.milestones.get(spec.key)
        if visit is None or not visit.booked or visit.done or spec.book_from is None or spec.book_until is None:
            continue
        opens, closes = resolve(spec.book_from, anchors, facts.zone), resolve(spec.book_until, anchors, facts.zone)
        if opens is not None and closes is not None and not opens <= visit.at <= closes:
            found.append(spec.key)
    return tuple(found)


def _hold_too_short(hold: Hold, procedure: datetime, facts: Facts, now: datetime) -> Conflict | None:
    """The hold as a conflict, when it should have begun already and in fact begins later.

    It begins when the last dose that the patient was told is behind, though never later than now: they can still be
    told. A patient who was told nothing yet counts as told by the signature, since the message that could not
    go out has become a call. A drug that is held under an earlier plan is held already. A last dose that somebody
    attested overrules all that was planned.
    """
    anchors = hold_anchors(hold, procedure, facts.zone)
    if hold.is_over or (now <= anchors["hold-start"] and hold.last_dose_at is None):
        return None
    since = max(hold.signed_at, facts.enrolled_at)
    told = _latest(facts, "last_dose", ending=f"/{hold.drug}")
    if told is not None:
        since = min(last_dose_over(told.says["last_dose"], facts.zone), now)
    if hold.held_since is not None:
        since = min(since, hold.held_since)
    if hold.last_dose_at is not None:
        since = hold.last_dose_at
    if since <= anchors["hold-start"]:
        return None
    return Conflict(
        "hold-too-short", hold.drug, iso_duration(hold.duration), iso_duration(procedure - since),
        shift(since, hold.duration, facts.zone), hold.last_dose_at,
    )  # fmt: skip


def _fast_too_short(procedure: datetime, facts: Facts, now: datetime) -> Conflict | None:
    """The fast as a conflict: by what was said of the last meal and drink where that settles it, else by what was told.

    Without it the fast is too short when it should have begun already and the patient was told a later start, or none,
    or was told too late: nobody can stop eating before they hear of it.
    """
    needed = facts.policy.fasting
    if facts.intake is not None and facts.intake.settles(facts.policy.fasting_rules, procedure):
        limit = facts.intake.last_limit(facts.policy.fasting_rules)
        if limit is None or limit.safe_from <= procedure:
            return None
        available = iso_duration(procedure - limit.since)
        return Conflict("fast-too-short", None, iso_duration(limit.needed), available, limit.safe_from)
    start = procedure - needed
    if now <= start:
        return None
    told = _latest(facts, "fast_from")
    since = now
    if told is not None:
        began = to_utc(datetime.fromisoformat(told.fasts_from or told.says["fast_from"]), facts.zone)
        since = min(began if told.by_phone else max(began, told.at), now)
        if since <= start:
            return None
    return Conflict("fast-too-short", None, iso_duration(needed), iso_duration(procedure - since), since + needed)


def _latest(facts: Facts, name: str, *, ending: str = "") -> Told | None:
    """The last thing told that says `name`, under a key that ends with `ending`."""
    found = [told for key, told in facts.told.items() if name in told.says and key.endswith(ending)]
    return max(found, key=lambda told: told.at, default=None)
