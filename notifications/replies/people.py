"""What a message from outside asks of the clinic's people, as work items with the words in them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from notifications.queries.senders import Writer
from notifications.replies.danger import Level, Sign
from pathway.actions.alarms import place_of_words
from pathway.actions.calls import CALL_WITHIN
from pathway.actions.work_items import NewItem, open_items
from pathway.models import Priority, WorkItem
from pathway.queries.protocols import protocol_of
from pathway.queries.questions import open_questions
from pathway.staff_words import step_title
from pathway.states import WorkItemState

LOOK_WITHIN: dict[Level, timedelta] = {"emergency": timedelta(minutes=10), "same-day": timedelta(hours=1)}
"""Clinical facts, section 6: an emergency at once (ten minutes: D), the rest within the hour."""

QUOTED = 200
"""How much of a message a work item quotes; all of it is on the journey's page."""

QUOTED_BESIDE = 80
"""The same where the item holds other words as well."""

ROOM = 300
"""Characters of a work item's words."""

AND_MORE = "… More came since: see the journey's page."


def alarm(*, writer: Writer, signs: Sequence[Sign], body: str, name: str, now: datetime, shared: bool = False) -> None:
    """Open an urgent item for words of danger: one for every such message (`name`), so that none hides in another.

    Only where the patient has just answered so on their page, and nobody has taken that task yet, is it the same one.
    """
    level, language = signs[0].level, writer.patient.language
    who = "Somebody whose number several people share" if shared else subject(writer)
    named = ", ".join(dict.fromkeys(sign.name for sign in signs[:2]))
    say = signs[0].say
    place = place_of_words(journey_id=writer.journey.pk, name=name, level=level)
    wrote = quoted(body, most=QUOTED_BESIDE if place.why else QUOTED)
    item = NewItem(
        journey=writer.journey,
        kind="danger-words",
        cause=place.cause,
        why=place.with_words(f"{who} wrote ({named}): {wrote}"),
        say=place.saying(say.get(language) or say["en"]),
        due_at=now + LOOK_WITHIN[level],
        priority=Priority.URGENT,
        wakes=True,
    )
    open_items([item], now=now)


def ask_to_read(*, writer: Writer, body: str, name: str, now: datetime) -> None:
    """Open an item for a message in free words, which names the questions that it may be about.

    The next message joins an item that nobody has taken yet, behind the words that stand there; one that somebody works
    on, or put off, is left alone.
    """
    open_ones = WorkItem.objects.filter(journey=writer.journey, kind="reply", state=WorkItemState.OPEN)
    waiting = open_ones.select_for_update().first()
    if waiting is not None:
        why = joined(waiting.why, f" {subject(writer)} wrote: {quoted(body)}")
    else:
        why = f"{subject(writer)} wrote: {quoted(body)}{open_for(writer)}"
    item = NewItem(
        journey=writer.journey,
        kind="reply",
        cause=waiting.cause if waiting is not None else f"reply:{name}",
        why=why,
        due_at=now + CALL_WITHIN[Priority.SOON],
    )
    open_items([item], now=now)


def open_for(writer: Writer) -> str:
    """The questions of ours that a patient's words may answer, in the titles of their steps."""
    if writer.caregiver is not None:
        return ""
    protocol = protocol_of(writer.journey.protocol_version)
    asked = [one for one in open_questions([writer.patient.pk]) if one.journey_id == writer.journey.pk]
    titles = dict.fromkeys(step_title(protocol, one.reminder.step) for one in asked)
    return f" Not answered yet: {', '.join(titles)}." if titles else ""


def joined(before: str, more: str) -> str:
    """The words of an item with one more message behind them: what does not fit is on the journey's page."""
    if len(before) + len(more) <= ROOM:
        return before + more
    return before if before.endswith(AND_MORE) else before[: ROOM - len(AND_MORE)] + AND_MORE


def ask_who_wrote(*, writers: Sequence[Writer], body: str, name: str, now: datetime) -> None:
    """Open an item on every journey that a message from a shared number may be about: nobody guesses whose it is."""
    items = [
        NewItem(
            journey=writer.journey,
            kind="shared-number",
            cause=f"shared:{name}",
            why=f"Several people share the number of {writer.name}. Ask who wrote: {quoted(body)}",
            due_at=now + CALL_WITHIN[Priority.SOON],
        )
        for writer in writers
    ]
    open_items(items, now=now)


def subject(writer: Writer) -> str:
    """Who wrote, at the beginning of a sentence."""
    return f"{writer.caregiver}, the caregiver," if writer.caregiver else "The patient"


def quoted(body: str, *, most: int = QUOTED) -> str:
    """The beginning of a message in quotation marks, on one line."""
    line = " ".join(body.split())
    return f"“{line}”" if len(line) <= most else f"“{line[: most - 1]}…” (all of it is on the journey's page)"
