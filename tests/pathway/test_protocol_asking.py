"""What a protocol's texts ask for fits what its reminders take as an answer."""

import hashlib

import pytest

from pathway.models import Protocol as ProtocolRow
from pathway.models import ProtocolVersion
from pathway.planner.spec import Duration
from pathway.protocol_check import check_protocol
from pathway.protocol_file import ProtocolError, load, read_shipped
from pathway.protocol_file.asking import keys_asked
from pathway.queries.protocols import protocol_of
from tests.builders import NOW

MILD = read_shipped("mild")
RIDE = 'steps[3] "ride" reminders[0] "week-before"'


def findings(source: str) -> list[str]:
    with pytest.raises(ProtocolError) as caught:
        load(source, name="x.toml")
    return [line.removeprefix("x.toml: ") for line in str(caught.value).splitlines()]


def changed(old: str, new: str, *, after: str = 'key = "ride"\nkind') -> str:
    """The MILD file with one thing changed, behind the first place where `after` stands."""
    head, mark, tail = MILD.partition(after)
    assert old in tail, old
    return head + mark + tail.replace(old, new, 1)


def test_the_shipped_protocol_waits_for_the_answers_that_its_texts_ask_for():
    protocol = load(MILD, name="mild.toml")
    asked = {spec.key: spec.answers for step in protocol.steps for spec in step.reminders if spec.answers}
    assert asked == {
        "consult/two-days-before": "confirm",
        "medication-plan/ready": "read",
        "medication-plan/hold-day": "done",
        "medication-plan/restart": "done",
        "ride/week-before": "ride",
        "day-1/how-are-you": "check-in",
        "follow-up-weeks/three-days-before": "confirm",
        "follow-up-6-weeks/three-days-before": "confirm",
    }
    ride = protocol.reminder("ride/week-before")
    assert (ride.answer_within, ride.then_within) == (Duration(days=2), Duration(days=1))
    assert ride.asked_in == ("ride", "correction"), "a new day needs a new answer"
    assert protocol.reminder("medication-plan/ready/apixaban").asked_in == ("plan-ready",)


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("Come at 1:30 PM. Reply C if you have a ride or R if not. {phone}", ("C", "R")),
        ("Responda C: tengo quien me lleve, R: no. {phone}", ("C", "R")),
        ("Reply 1 good, 2 I have a question, 3 I feel worse. Emergency: 911", ("1", "2", "3")),
        ("Reply C by 3 PM or at 2:15 at the latest.", ("C",)),
        ("Reply STOP to end or HELP for help. {phone}", ()),
        ("Bring 2 things: C and R.", ()),
    ],
)
def test_the_keys_that_a_text_asks_for_are_read_behind_its_verb(words, keys):
    assert keys_asked(words) == keys


def test_a_text_that_names_other_keys_than_its_set_is_found_in_its_language():
    (found,) = findings(changed("R: no.", "1: no.", after="[texts.ride]"))
    assert found == (
        f'{RIDE}: answers: "ride" takes C, R, but [texts.ride] in es asks for C, 1: write Reply with just these keys, '
        "or name another set."
    )


def test_a_correction_that_asks_for_other_keys_is_found():
    (found,) = findings(changed("or R if not", "or 2 if not", after="[texts.correction]"))
    assert found.startswith(f'{RIDE}: answers: "ride" takes C, R, but [texts.correction] in en asks for C, 2')


def test_a_correction_may_ask_for_nothing():
    source = changed("Reply C if you have a ride or R if not.", "Call us.", after="[texts.correction]")
    source = source.replace("es el {day}. Responda C: tengo quien me lleve, R: no.", "es el {day}.", 1)
    assert load(source, name="x.toml").reminder("ride/week-before").asked_in == ("ride",)


def test_nothing_is_asked_in_vain():
    source = changed('answers = "ride"\n', "")
    found = findings(source)
    assert (
        f"{RIDE}: answers: is missing: [texts.ride] asks for an answer, so name one of read, done, confirm, ride, "
        "check-in." in found
    )
    assert f"{RIDE}: answer_within: waits for an answer, but nothing is asked: name the set in answers." in found
    assert any("texts.ride" in str(finding) for finding in check_protocol(source, name="x.toml").errors)


def test_a_text_about_a_visit_that_is_off_asks_nothing():
    found = findings(changed("We will call you. ", "Reply C. ", after="[texts.cancelled]"))
    assert f"{RIDE}: cancelled: [texts.cancelled] asks for an answer about a visit that is off" in found[1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('answers = "ride"', 'answers = "rides"', 'answers: "rides" is not one of read, done, confirm, ride, check-in'),
        ('answer_within = "P2D"', 'answer_within = "-P2D"', "answer_within: must be more than nothing, and after"),
        ('answer_within = "P2D"', 'answer_within = "PT0S"', "answer_within: must be more than nothing, and after"),
        ('answer_within = "P2D"', 'answer_within = "P2M"', 'answer_within: "P2M": years and months have no fixed'),
        ('then_within = "P1D"\n', "", "then_within: is missing: answer_within needs it, so that silence ends with a"),
        ('answer_within = "P2D"', "", "answer_within: is missing: then_within needs it"),
    ],
)
def test_waits_that_make_no_sense_are_found(old, new, said):
    (found,) = findings(changed(old, new))
    assert found.startswith(f"{RIDE}: {said}"), found


def test_copies_need_both_of_their_beginnings_and_plain_letters():
    gone = MILD.replace('en = "Only the patient replies."\nes = "Solo responde el paciente."\n', "")
    assert "messages: copy_no_reply.en: is missing: give the words in en." in findings(gone)
    head, _, tail = MILD.partition("[messages.copy_no_reply]")
    without = head + tail[tail.index("[messages.subject]") :]
    assert findings(without) == ["messages: copy_no_reply: is missing: copies need it beside copy_prefix."]
    accented = MILD.replace("Copia para quien ayuda.", "Copia para quién está a su lado.")
    assert any("á is not in the plain alphabet" in str(one) for one in check_protocol(accented, name="x.toml").errors)
    medical = MILD.replace("Copy for you as a helper.", "About the spine of your friend.")
    assert any("names a body part" in str(one) for one in check_protocol(medical, name="x.toml").errors)


def test_a_text_too_long_for_a_copy_is_found():
    long = MILD.replace("Rest. Do not drive. If", "Rest. Do not drive. Rest. " + "Rest well. " * 12 + "If")
    (found,) = [str(one) for one in check_protocol(long, name="x.toml").errors]
    assert found.startswith("x.toml: texts.home: en: takes 3 messages as a copy to a caregiver")


@pytest.mark.django_db
def test_a_version_published_before_there_were_answers_still_loads():
    old = "\n".join(
        line for line in MILD.splitlines() if not line.startswith(("answers =", "answer_within =", "then_within ="))
    )
    old = old.replace('satisfied_by = "answer"', 'satisfied_by = "person"')
    head, _, tail = old.partition("[messages.copy_prefix]")
    old = head + tail[tail.index("[messages.subject]") :]
    with pytest.raises(ProtocolError, match="asks for an answer"):
        load(old, name="x.toml")
    row = ProtocolVersion.objects.create(
        protocol=ProtocolRow.objects.create(key="mild", title="MILD"),
        version="1",
        source=old,
        digest=hashlib.sha256(old.encode()).hexdigest(),
        published_at=NOW,
    )
    protocol = protocol_of(row)
    assert protocol.reminder("ride/week-before").answers == ""
    assert not any(protocol.copy_prefix.values())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "Reply C if you have a ride",
            "Please reply C if you have a ride",
            "texts.ride: en: says what to reply within",
        ),
        (
            "Reply C if you have a ride",
            "To end, text STOP. Reply C if you have a ride",
            "texts.ride: en: says what to",
        ),
    ],
)
def test_what_to_reply_stands_in_sentences_that_calls_and_emails_can_leave_out(old: str, new: str, said: str):
    (found,) = findings(changed(old, new, after="[texts.ride]"))
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("Your procedure is soon. {phone}", "texts.ride: email.en: must tell just what the text tells: {day}."),
        ("It is {day}. Reply C. {phone}", "texts.ride: email.en: asks for a reply, which nobody reads"),
        ("It is {day}. {doctor}", "texts.ride: email.en: {doctor} cannot be filled in here."),
        ("It is {day}, for your spine. {phone}", 'texts.ride: email.en: names a body part, "spine"'),
    ],
)
def test_an_email_with_words_of_its_own_is_checked_as_its_text_is(email: str, said: str):
    own = f'[texts.ride]\nemail = {{ en = "{email}", es = "Es el {{day}}. {{phone}}" }}'
    report = check_protocol(MILD.replace("[texts.ride]", own), name="x.toml")
    (found,) = report.errors
    assert str(found).removeprefix("x.toml: ").startswith(said)


def test_a_published_protocol_with_replies_inside_sentences_is_read_all_the_same():
    source = changed("Reply C if you have a ride", "Please reply C if you have a ride", after="[texts.ride]")
    assert load(source, name="x.toml", published=True).emails["welcome"]["en"]
