"""Simulated patients answer what they were asked: most soon, some otherwise than hoped, some late, some never."""

import heapq
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.simulator.world import DAY, HOUR
from pathway.actions.questions import answer_question
from pathway.answers import ANSWER_SETS, QUESTION
from pathway.models import Question

SOON, LATE = (timedelta(minutes=2), 8 * HOUR), (1 * DAY, 4 * DAY)
"""How long after the text whoever answers soon, or late, does so: at least and at most."""


@dataclass(frozen=True, slots=True, order=True)
class Reply:
    """One answer that a patient will send (`at` UTC)."""

    at: datetime
    question_id: int
    choice: str


class Answering:
    """What the patients of one simulation will answer, drawn from the seed for each question by itself."""

    def __init__(self, *, seed: int) -> None:
        self.seed = seed
        self.seen = 0
        self.replies: list[Reply] = []

    @property
    def next_at(self) -> datetime | None:
        """When (UTC) the next patient answers."""
        return self.replies[0].at if self.replies else None

    def hear(self) -> None:
        """Let the patients read the questions that were put since the last time, and decide."""
        for question in Question.objects.filter(pk__gt=self.seen).select_related("reminder").order_by("pk"):
            self.seen = question.pk
            for reply in self.decide(question):
                heapq.heappush(self.replies, reply)

    def decide(self, question: Question) -> list[Reply]:
        """Of ten patients five agree soon, two answer otherwise, one agrees late and two never answer."""
        name = f"{self.seed}/answers/{question.journey_id}/{question.reminder.key}"
        rng = random.Random(name)  # noqa: S311 - a script that can be played again, not a secret
        answer_set = ANSWER_SETS[question.answers]
        agrees = answer_set.keys[0]
        others = [key for key in (*answer_set.keys, QUESTION) if key != agrees]
        chance = rng.random()
        if chance < 0.8:
            choice = rng.choice(others) if 0.5 <= chance < 0.7 else agrees
            least, most = LATE if chance >= 0.7 else SOON
            at = question.asked_at + least + rng.random() * (most - least)
            replies = [Reply(at, question.pk, choice)]
            if chance < 0.05:  # thought better of it
                replies.append(Reply(at + rng.random() * DAY, question.pk, rng.choice(others)))
            return replies
        return []

    def answer(self, *, now: datetime) -> None:
        """The next reply arrives at `now` (UTC). One to what is closed without an answer is free text by then."""
        reply = heapq.heappop(self.replies)
        question = Question.objects.select_related("journey", "reminder").get(pk=reply.question_id)
        if question.closed_at is None or question.answer:
            answer_question(question=question, choice=reply.choice, words=reply.choice, by=None, now=now)
