"""What the database itself saw, in the order in which it was committed, whatever any clock said.

Triggers write a row for each start of an offer and for each new plan, in the transaction that makes it. Such a row is
never changed, so the commit time of the transaction that inserted it is the start's or the plan's own. Messages and
journeys are updated later, which is why theirs could not be asked.
"""

from django.db import connection

WITNESSES = """
CREATE TABLE chaos_start (message_id uuid, journey_id bigint, reminder_id bigint, plan_version int);
CREATE TABLE chaos_plan (journey_id bigint, plan_version int);

CREATE FUNCTION chaos_note_start() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_start VALUES (NEW.id, NEW.journey_id, NEW.reminder_id, NEW.plan_version);
    RETURN NULL;
END $$;
CREATE FUNCTION chaos_note_plan() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_plan VALUES (NEW.id, NEW.plan_version);
    RETURN NULL;
END $$;

CREATE TRIGGER chaos_start AFTER INSERT ON notifications_message
    FOR EACH ROW WHEN (NEW.offered_at IS NOT NULL) EXECUTE FUNCTION chaos_note_start();
CREATE TRIGGER chaos_start_again AFTER UPDATE ON notifications_message
    FOR EACH ROW WHEN (OLD.offered_at IS DISTINCT FROM NEW.offered_at) EXECUTE FUNCTION chaos_note_start();
CREATE TRIGGER chaos_plan AFTER UPDATE ON pathway_journey
    FOR EACH ROW WHEN (OLD.plan_version < NEW.plan_version) EXECUTE FUNCTION chaos_note_plan();
"""

STARTED_UNDER_AN_OLD_PLAN = """
SELECT start.message_id, start.reminder_id, start.plan_version, plan.plan_version,
       pg_xact_commit_timestamp(start.xmin), pg_xact_commit_timestamp(plan.xmin)
FROM chaos_start AS start
JOIN chaos_plan AS plan ON plan.journey_id = start.journey_id AND plan.plan_version > start.plan_version
WHERE pg_xact_commit_timestamp(start.xmin) > pg_xact_commit_timestamp(plan.xmin)
"""


def install() -> None:
    """Put the witnesses in place."""
    with connection.cursor() as cursor:
        cursor.execute(WITNESSES)


def started_under_an_old_plan() -> list[tuple[object, ...]]:
    """Starts committed after a plan that overtakes theirs: ids, both versions, both instants."""
    with connection.cursor() as cursor:
        cursor.execute(STARTED_UNDER_AN_OLD_PLAN)
        return cursor.fetchall()


def plans_and_starts() -> tuple[int, int]:
    """How many new plans and how many starts were witnessed: a check of nothing would prove nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM chaos_plan), (SELECT count(*) FROM chaos_start)")
        plans, starts = cursor.fetchone()
        return plans, starts
