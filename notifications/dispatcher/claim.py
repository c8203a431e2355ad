"""Claim what is due: one statement, one commit, many dispatchers at once.

A claim is a lease. Until a row's sending is started, an expired lease costs nothing: the row is planned again. Rows
past their usefulness become missed in the claiming statement itself; skipping them in its WHERE would leave them at the
head of the queue for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction

from notifications.dispatcher.facts import with_facts
from notifications.dispatcher.people import Unsent, close_messages, hand_to_people
from pathway.models import Reminder

LEASE = timedelta(seconds=60)
"""How long a claim holds: long enough for a group to be sent, and a dead worker's rows wait no longer than this."""

TOO_LATE = "It was no longer of use by the time it could be sent."

CLAIM_ON_POSTGRESQL = """
WITH due AS MATERIALIZED (      -- materialised: the planner must not run the locking part again per joined row
    SELECT id
    FROM pathway_reminder
    WHERE state = 'planned' AND run_at <= %(now)s
    ORDER BY run_at, id         -- the order of the partial index reminder_due
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED      -- rows that another dispatcher or a replan holds are left to them
)
UPDATE pathway_reminder AS reminder
SET state         = CASE WHEN useful_until <= %(now)s THEN 'missed' ELSE 'claimed' END,
    claim_token   = CASE WHEN useful_until <= %(now)s THEN NULL ELSE %(token)s::uuid END,
    claimed_until = CASE WHEN useful_until <= %(now)s THEN NULL ELSE %(until)s::timestamptz END,
    reason        = CASE WHEN useful_until <= %(now)s THEN %(too_late)s ELSE reason END
FROM due
WHERE reminder.id = due.id
RETURNING reminder.run_at, reminder.id, reminder.plan_version, reminder.state
"""

CLAIM_ON_SQLITE = """
UPDATE pathway_reminder         -- inside an immediate transaction: SQLite has one writer, so no row needs a lock
SET state         = CASE WHEN useful_until <= %(now)s THEN 'missed' ELSE 'claimed' END,
    claim_token   = CASE WHEN useful_until <= %(now)s THEN NULL ELSE %(token)s END,
    claimed_until = CASE WHEN useful_until <= %(now)s THEN NULL ELSE %(until)s END,
    reason        = CASE WHEN useful_until <= %(now)s THEN %(too_late)s ELSE reason END
WHERE state = 'planned' AND id IN (
    SELECT id
    FROM pathway_reminder
    WHERE state = 'planned' AND run_at <= %(now)s
    ORDER BY run_at, id
    LIMIT %(limit)s
)
RETURNING run_at, id, plan_version, state
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one claim took: the token it holds, `versions` (reminder id to plan version), and how many it missed."""

    token: UUID
    versions: Mapping[int, int]
    missed: int

    def __bool__(self) -> bool:
        return bool(self.versions or self.missed)


def claim(*, now: datetime, limit: int) -> Batch:
    """Take up to `limit` due reminders for `LEASE`. Those past their usefulness become missed, with a work item."""
    token = uuid4()
    with transaction.atomic():
        rows = take_due(token=token, now=now, limit=limit)
        missed = [row_id for row_id, _, state in rows if state == "missed"]
        if missed:
            late = with_facts(Reminder.objects.filter(id__in=missed))
            hand_to_people([Unsent(reminder, TOO_LATE) for reminder in late], now=now)
            close_messages(missed)
    versions = {row_id: version for row_id, version, state in rows if state == "claimed"}
    return Batch(token=token, versions=versions, missed=len(missed))


def take_due(*, token: UUID, now: datetime, limit: int) -> list[tuple[int, int, str]]:
    """Run the claiming statement; `(id, plan_version, state)` of each row it changed. Needs a transaction.

    In the order of the queue, in which databases need not return what they changed.
    """
    sqlite = connection.vendor == "sqlite"
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM_ON_SQLITE if sqlite else CLAIM_ON_POSTGRESQL,
            {
                "now": adapt(now),
                "until": adapt(now + LEASE),
                "token": token.hex if sqlite else token,
                "limit": limit,
                "too_late": TOO_LATE,
            },
        )
        changed = sorted(cursor.fetchall(), key=lambda row: (row[0], row[1]))
    return [(row_id, version, state) for _, row_id, version, state in changed]


def release(*, batch: Batch) -> int:
    """Give back the rows of a batch whose sending was never started, for instance after a replan overtook them."""
    return Reminder.objects.filter(
        id__in=list(batch.versions), claim_token=batch.token, state="claimed", started_at=None
    ).update(state="planned", claim_token=None, claimed_until=None)
