"""What the database itself saw, in the order in which it was committed, whatever any clock said.

Two triggers write a row for each attempt and for each new plan, in the transaction that makes it. Such a row is never
changed, so the commit time of the transaction that inserted it is the attempt's or the plan's own. Attempts and
reminders are updated later, which is why theirs could not be asked.
"""

from django.db import connection

WITNESSES = """
CREATE TABLE chaos_attempt (attempt_id bigint, journey_id bigint, reminder_id bigint, plan_version int);
CREATE TABLE chaos_plan (journey_id bigint, plan_version int);

CREATE FUNCTION chaos_note_attempt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_attempt
    SELECT NEW.id, journey_id, reminder_id, plan_version FROM notifications_message WHERE id = NEW.message_id;
    RETURN NULL;
END $$;
CREATE FUNCTION chaos_note_plan() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_plan VALUES (NEW.id, NEW.plan_version);
    RETURN NULL;
END $$;

CREATE TRIGGER chaos_attempt AFTER INSERT ON notifications_deliveryattempt
    FOR EACH ROW EXECUTE FUNCTION chaos_note_attempt();
CREATE TRIGGER chaos_plan AFTER UPDATE ON pathway_journey
    FOR EACH ROW WHEN (OLD.plan_version < NEW.plan_version) EXECUTE FUNCTION chaos_note_plan();
"""

STARTED_UNDER_AN_OLD_PLAN = """
SELECT attempt.attempt_id, attempt.reminder_id, attempt.plan_version, plan.plan_version,
       pg_xact_commit_timestamp(attempt.xmin), pg_xact_commit_timestamp(plan.xmin)
FROM chaos_attempt AS attempt
JOIN chaos_plan AS plan ON plan.journey_id = attempt.journey_id AND plan.plan_version > attempt.plan_version
WHERE pg_xact_commit_timestamp(attempt.xmin) > pg_xact_commit_timestamp(plan.xmin)
"""


def install() -> None:
    """Put the witnesses in place."""
    with connection.cursor() as cursor:
        cursor.execute(WITNESSES)


def started_under_an_old_plan() -> list[tuple[object, ...]]:
    """Attempts committed after a plan that overtakes theirs: ids, both versions, both instants."""
    with connection.cursor() as cursor:
        cursor.execute(STARTED_UNDER_AN_OLD_PLAN)
        return cursor.fetchall()


def plans_and_attempts() -> tuple[int, int]:
    """How many new plans and how many attempts were witnessed: a check of nothing would prove nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM chaos_plan), (SELECT count(*) FROM chaos_attempt)")
        plans, attempts = cursor.fetchone()
        return plans, attempts
