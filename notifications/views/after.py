"""What the journey's page shows of the time after the procedure: check-ins, follow-ups, therapy, and a task by hand."""

from datetime import datetime

from pathway.forms_after import CloseVisitForm, MissedForm, PhoneCheckInForm, ReferralForm, TaskForm
from pathway.models import Journey
from pathway.queries.check_ins import staff_check_ins
from pathway.queries.follow_ups import FollowUp, follow_ups, therapy_referral


def after_context(row: Journey, *, now: datetime) -> dict[str, object]:
    """The panels, with empty forms."""
    visits = follow_ups(row, now=now)
    return {
        "check_ins": [(one, PhoneCheckInForm(found=one)) for one in staff_check_ins(row, now=now)],
        "follow_ups": visits,
        "missed_form": missed_form(visits),
        "close_form": close_form(visits),
        "therapy": therapy_referral(row),
        "referral_form": ReferralForm(),
        "task_form": task_form(row, now),
    }


def missed_form(visits: list[FollowUp], data: object = None) -> MissedForm:
    """The visits whose time has come and of which nobody said anything."""
    return MissedForm(data, visits=[(one.key, one.title) for one in visits if one.may_be_missed])


def close_form(visits: list[FollowUp], data: object = None) -> CloseVisitForm:
    """The visits that may still be closed."""
    choices = [(one.key, one.title) for one in visits if one.may_be_closed]
    return CloseVisitForm(data, visits=[("", "Choose the visit"), *choices] if len(choices) > 1 else choices)


def task_form(row: Journey, now: datetime, data: object = None) -> TaskForm:
    """A task by hand, on the clinic's clock."""
    return TaskForm(data, zone=row.clinic.tz, now=now, initial={"day": now.astimezone(row.clinic.tz).date()})
