"""Reminders that are due, with all that decides about them: locked and read in two statements for a whole group.

Everything is asked again when a reminder is due, since a plan can be days old. These are plain values and not model
rows: making a dozen model instances for each reminder was most of what sending one cost.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from notifications.dispatcher.statements import array, fetch
from pathway.models import MilestoneStatus


class Way(NamedTuple):
    """One way to reach somebody: a kind of contact point and its address (E.164 or email). `contact_id` is its row."""

    contact_id: int
    kind: str
    address: str


class Caregiver(NamedTuple):
    """Who gets copies: reached by text, in their own language, while `may_be_told`."""

    phone: str
    language: str
    may_be_told: bool


class Due(NamedTuple):
    """One locked reminder and the facts behind it, as they are now. Instants are UTC.

    `agreed`: a consent holds at this moment. `is_booked`: the milestone that its text tells is booked or done.
    `tries`: how often its sending was started before. `follows_superseded`: what it repeats or copies is corrected.
    `is_answered`: the question that it asks again is closed.
    """

    pk: int
    clinic_id: int
    origin: str
    follows_id: int | None
    journey_id: int
    key: str
    base_key: str
    text: str
    says: str
    covers: str
    send_at: datetime
    run_at: datetime
    useful_until: datetime
    waits_for_window: bool
    needs_booked: str
    resend_unproven: bool
    plan_version: int
    tries: int
    journey_state: str
    journey_plan_version: int
    protocol_version_id: int
    protocol_digest: str
    patient_id: int
    language: str
    zone: str
    has_stopped: bool
    clinic_name: str
    clinic_phone: str
    window_opens: time
    window_closes: time
    agreed: bool
    is_booked: bool
    follows_superseded: bool
    is_answered: bool
    caregiver: Caregiver | None
    ways: tuple[Way, ...]


@lru_cache(maxsize=4096)
def read_json(column: str) -> Mapping[str, Any]:
    """What a reminder tells or covers, from its column. Many of one clinic and day say the same."""
    found: dict[str, Any] = json.loads(column)
    return found


@dataclass(frozen=True, slots=True)
class Share:
    """Which due rows one round may take: at most so many, of these clinics (None: all but `but_not`).

    With `ids`, of these rows and in their order; the clinics were asked about when they were chosen.
    """

    limit: int
    clinics: Sequence[int] | None = None
    but_not: Sequence[int] = ()
    ids: Sequence[int] | None = None


# The order of the partial index reminder_due. Rows that another dispatcher or a replan holds are left to them; on
# SQLite the transaction is the only writer, so no row needs a lock.
LOCK = """
SELECT id
FROM pathway_reminder
WHERE state = 'planned' AND run_at <= %(now)s {mine}
ORDER BY run_at, id
LIMIT %(limit)s
{lock}
"""

# Rows that were chosen before, by their ids and in their order, without those that others took since. An ORDER BY
# would make PostgreSQL look at all of them before the first; a loop over the ids stops when it has enough.
LOCK_CHOSEN = """
SELECT found.id
FROM unnest(%(ids)s::bigint[]) AS chosen (id)
CROSS JOIN LATERAL (
    SELECT id
    FROM pathway_reminder
    WHERE id = chosen.id AND state = 'planned' AND run_at <= %(now)s
    FOR NO KEY UPDATE SKIP LOCKED
) found
LIMIT %(limit)s
"""
LOCK_CHOSEN_ON_SQLITE = """
SELECT reminder.id
FROM json_each(%(ids)s) AS chosen CROSS JOIN pathway_reminder AS reminder
WHERE reminder.id = chosen.value AND state = 'planned' AND run_at <= %(now)s
LIMIT %(limit)s
"""

# In a backlog the most urgent come first, and each clinic has its turn: the first of every clinic, then the second. A
# clinic's oldest rows are looked at, by the index reminder_clinic_due, however long another's queue is.
URGENT = """
SELECT id
FROM (
    SELECT head.id, head.useful_until,
           row_number() OVER (PARTITION BY head.clinic_id ORDER BY head.useful_until, head.run_at, head.id) AS turn
    FROM patients_clinic clinic
    JOIN LATERAL (
        SELECT id, clinic_id, useful_until, run_at
        FROM pathway_reminder
        WHERE state = 'planned' AND run_at <= %(now)s AND clinic_id = clinic.id {mine}
        ORDER BY run_at, id
        LIMIT %(looked_at)s
    ) head ON true
) ordered
ORDER BY (turn - 1) / %(turns)s, useful_until, id
LIMIT %(limit)s
"""
URGENT_ON_SQLITE = """
SELECT id
FROM pathway_reminder
WHERE state = 'planned' AND run_at <= %(now)s {mine}
ORDER BY useful_until, run_at, id
LIMIT %(limit)s
"""
TURNS = 50
"""How many rows of one clinic go before the next clinic's, in a backlog."""
LOOKED_AT = 500
"""How many of a clinic's oldest rows are put in order of urgency at a time."""


def lock_due(*, now: datetime, share: Share) -> list[int]:
    """Lock the first due rows that nobody else has, in the order of the share's ids or of the queue; their ids.

    Needs a transaction.
    """
    sqlite = connection.vendor == "sqlite"
    params: dict[str, object] = {"now": adapted(now), "limit": share.limit}
    if share.ids is not None:
        sql = LOCK_CHOSEN_ON_SQLITE if sqlite else LOCK_CHOSEN
        params["ids"] = ids_as_one(share.ids, sqlite)
    else:
        mine, more = condition(share)
        sql = LOCK.format(mine=mine, lock="" if sqlite else "FOR NO KEY UPDATE SKIP LOCKED")
        params |= more
    return [row[0] for row in fetch(sql, params)]


def urgent_due(*, now: datetime, share: Share, limit: int) -> list[int]:
    """The due rows of a share that should go first, most urgent first and fair between clinics; none is locked.

    On SQLite, which serves one clinic on one machine, by urgency alone.
    """
    mine, params = condition(share)
    params = {"now": adapted(now), "limit": limit, **params}
    if connection.vendor == "sqlite":
        return [row[0] for row in fetch(URGENT_ON_SQLITE.format(mine=mine), params)]
    return [row[0] for row in fetch(URGENT.format(mine=mine), {**params, "turns": TURNS, "looked_at": LOOKED_AT})]


def condition(share: Share) -> tuple[str, dict[str, object]]:
    """What the clinics of a share add to the search for due rows, and its parameters."""
    sqlite = connection.vendor == "sqlite"
    parts, params = [], dict[str, object]()
    if share.clinics is not None:
        parts.append(f"AND clinic_id {among(sqlite, 'clinics')}")
        params["clinics"] = ids_as_one(share.clinics, sqlite)
    if share.but_not:
        parts.append(f"AND NOT (clinic_id {among(sqlite, 'but_not')})")
        params["but_not"] = ids_as_one(share.but_not, sqlite)
    return " ".join(parts), params


def among(sqlite: bool, name: str) -> str:
    """The condition that a column is one of the ids that the parameter of this name holds."""
    return ("IN (SELECT value FROM json_each(%({})s))" if sqlite else "= ANY(%({})s::bigint[])").format(name)


def ids_as_one(ids: Sequence[int], sqlite: bool) -> str:
    """Ids as one parameter, so that the statement is the same for any number of them."""
    return json.dumps(list(ids)) if sqlite else array(ids)


def adapted(instant: datetime) -> object:
    """An instant (aware) as the database takes it."""
    return connection.ops.adapt_datetimefield_value(instant)


# One statement for what the ORM would read in nine, most of them through model instances. The columns are those of
# `Due` up to `is_answered`, then the caregiver's, then those of one contact point: a row for each. Not EXISTS:
# for one PostgreSQL may hash the whole table, here it cannot.
DUE = """
SELECT r.id, r.clinic_id, r.origin, r.follows_id, r.journey_id, r.key, r.base_key, r.text, r.says, r.covers,
       CAST(r.send_at AS text), CAST(r.run_at AS text), CAST(r.useful_until AS text), r.waits_for_window,
       r.needs_booked, r.resend_unproven, r.plan_version, r.tries, j.state, j.plan_version,
       j.protocol_version_id, v.digest,
       p.id, p.language, COALESCE(NULLIF(p.zone, ''), k.zone), p.stopped_at IS NOT NULL,
       k.name, k.phone, k.window_opens, k.window_closes,
       (SELECT 1 FROM patients_consent agreed WHERE agreed.patient_id = p.id AND agreed.given_at <= %(now)s
        AND (agreed.revoked_at IS NULL OR agreed.revoked_at > %(now)s) LIMIT 1) IS NOT NULL,
       (SELECT 1 FROM pathway_milestone booked WHERE booked.journey_id = r.journey_id
        AND booked.key = r.needs_booked AND booked.status IN (%(booked)s, %(done)s) LIMIT 1) IS NOT NULL,
       f.superseded_by_id IS NOT NULL, q.closed_at IS NOT NULL,
       g.phone, g.language, g.consented_at IS NOT NULL AND g.stopped_at IS NULL,
       c.id, c.kind, c.phone, c.email
FROM pathway_reminder r
JOIN pathway_journey j ON j.id = r.journey_id
JOIN pathway_protocolversion v ON v.id = j.protocol_version_id
JOIN patients_patient p ON p.id = j.patient_id
JOIN patients_clinic k ON k.id = p.clinic_id
LEFT JOIN pathway_reminder f ON f.id = r.follows_id
LEFT JOIN pathway_question q ON q.reminder_id = r.follows_id
LEFT JOIN patients_caregiver g ON g.patient_id = p.id
LEFT JOIN patients_contactpoint c
       ON c.patient_id = p.id AND c.opted_out_at IS NULL AND c.undeliverable_at IS NULL
WHERE r.id {among}
ORDER BY r.run_at, r.id, c.rank, c.id
"""
COLUMNS = Due._fields.index("caregiver")
TIMES = tuple(Due._fields.index(name) for name in ("send_at", "run_at", "useful_until"))
SQLITE_CLOCKS = tuple(Due._fields.index(name) for name in ("window_opens", "window_closes"))
SQLITE_FLAGS = tuple(
    Due._fields.index(name)
    for name in (
        *("waits_for_window", "resend_unproven", "has_stopped", "agreed", "is_booked"),
        *("follows_superseded", "is_answered"),
    )
)


def read_due(ids: Sequence[int], *, now: datetime) -> list[Due]:
    """All that decides about these reminders, in the order of the queue; their contact points by rank."""
    return [due_of(list(rows)) for _, rows in groupby(facts(ids, now=now), key=itemgetter(0))]


def facts(ids: Sequence[int], *, now: datetime) -> Iterator[Sequence[Any]]:
    """The rows of `DUE`, with the same types on both databases."""
    sqlite = connection.vendor == "sqlite"
    params = {
        "now": adapted(now),
        "booked": MilestoneStatus.BOOKED.value,
        "done": MilestoneStatus.DONE.value,
        "ids": ids_as_one(ids, sqlite),
    }
    rows = fetch(DUE.format(among=among(sqlite, "ids")), params)
    return map(from_sqlite, rows) if sqlite else iter(rows)


def from_sqlite(row: Sequence[Any]) -> Sequence[Any]:
    """A row with instants, clock times and flags instead of the texts and numbers that SQLite keeps."""
    values, ops = list(row), connection.ops
    for place in SQLITE_CLOCKS:
        values[place] = ops.convert_timefield_value(values[place], None, connection)  # type: ignore[attr-defined]
    for place in SQLITE_FLAGS:
        values[place] = bool(values[place])
    return values


def due_of(rows: Sequence[Sequence[Any]]) -> Due:
    """One reminder from its rows, one for each contact point."""
    first, after = list(rows[0]), COLUMNS + 3
    for place in TIMES:
        first[place] = instant(first[place])
    phone, language, may_be_told = first[COLUMNS:after]
    caregiver = None if language is None else Caregiver(phone, language, bool(may_be_told))
    ways = tuple(Way(row[after], row[after + 1], row[after + 2] or row[after + 3]) for row in rows if row[after])
    return Due._make((*first[:COLUMNS], caregiver, ways))


def instant(text: str) -> datetime:
    """An instant as either database writes it as text, in UTC. Loading one as a value costs Django far more."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is UTC else at.replace(tzinfo=UTC)
