"""The tasks that follow from the answers of a check-in, by one rule for the page, the phone and the text message."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from pathway.actions.alarms import place_of_signs
from pathway.actions.work_items import NewItem, open_items
from pathway.check_ins import DUE_WITHIN, GRAVEST_FIRST, REPLY, FoundSign, signs_in
from pathway.models import AnsweredBy, CheckIn, Journey, Priority
from pathway.planner.spec import CheckInSpec, Level
from pathway.queries.protocols import protocol_of
from pathway.staff_words import for_staff

PRIORITY: Mapping[Level, Priority] = MappingProxyType(
    {"emergency": Priority.URGENT, "same-day": Priority.URGENT, "soon": Priority.SOON}
)
KINDS: Mapping[Level, str] = MappingProxyType(
    {"emergency": "red-flag", "same-day": "warning-sign", "soon": "check-in-answer"}
)
LEADS: Mapping[Level, str] = MappingProxyType(
    {"emergency": "Emergency, call now", "same-day": "Call within the hour", "soon": "Call"}
)


def tell_signs(
    *, check_in: CheckIn, spec: CheckInSpec, before: Mapping[str, str], now: datetime, words: str = ""
) -> None:
    """Open one task for each level at which the answers name a sign that they did not name `before`.

    It names all signs of that level. `words` are what the patient wrote, where they wrote. Where a message that names
    danger of that level waits for somebody, it is that task (see `pathway.actions.alarms`).
    """
    known = {(sign.question.key, sign.answer) for sign in signs_in(spec, before)}
    found = signs_in(spec, check_in.answers)
    new_levels = {sign.level for sign in found if (sign.question.key, sign.answer) not in known}
    open_items(
        [
            _item(check_in, spec, [sign for sign in found if sign.level == level], level, now, words)
            for level in GRAVEST_FIRST
            if level in new_levels and level in DUE_WITHIN
        ],
        now=now,
    )


def _item(
    check_in: CheckIn, spec: CheckInSpec, signs: list[FoundSign], level: Level, now: datetime, words: str
) -> NewItem:
    """The task about all signs of one level, in the words of the protocol."""
    place = place_of_signs(journey_id=check_in.journey_id, check_in=check_in.key, level=level)
    language = check_in.journey.patient.language
    say = dict.fromkeys(sign.question.say.get(language) or sign.question.say.get("en", "") for sign in signs)
    named = ", ".join(sign.in_words for sign in signs)
    quote = f" In their words: “{words}”" if words else ""
    return NewItem(
        journey=check_in.journey,
        kind="feels-worse" if [sign.question.key for sign in signs] == [REPLY] else KINDS[level],
        cause=place.cause,
        why=place.with_signs(
            f"{LEADS[level]}. To “{for_staff(spec.title)}” the patient said: {named}.{quote}", lead=LEADS[level]
        ),
        say=place.saying(" ".join(one for one in say if one)),
        due_at=now + DUE_WITHIN[level],
        priority=PRIORITY[level],
        wakes=True,
    )


def hear_reply(
    *, journey: Journey, step: str, key: str, meaning: str, words: str, is_alarmed: bool, now: datetime
) -> bool:
    """Take a text reply (`key`, with its `meaning`) as an answer to the check-in that the step asks for.

    False where there is none, and the reply's own task is opened as for any other question. A reply that names a sign
    opens the check-in's task, unless somebody is alarmed by the same message already.
    """
    specs = [one for one in protocol_of(journey.protocol_version).check_ins if one.step == step]
    rows = CheckIn.objects.select_for_update(of=("self",)).select_related("journey__patient")
    check_in = rows.filter(journey=journey, key__in=[one.key for one in specs]).order_by("id").first()
    if check_in is None:
        return False
    before = check_in.answers
    check_in.answers = {**before, REPLY: meaning}
    fields: dict[str, object] = {"answers": check_in.answers, "begun_at": check_in.begun_at or now}
    if check_in.answered_at is None:
        fields |= {"answered_at": now, "answered_via": AnsweredBy.TEXT.value} if meaning == "good" else {"told_at": now}
    CheckIn.objects.filter(pk=check_in.pk).update(**fields)
    if not is_alarmed:
        spec = next(one for one in specs if one.key == check_in.key)
        said = words.strip()
        tell_signs(check_in=check_in, spec=spec, before=before, now=now, words=said if said != key else "")
    return meaning == "worse" or is_alarmed
