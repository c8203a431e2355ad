"""STOP, START and HELP: what they do for the people whose number, or mailbox, it is."""

from collections.abc import Sequence
from datetime import datetime

from notifications.models import Message
from notifications.queries.senders import Writer
from notifications.replies.answers import answer_back, take_back
from pathway.actions.opt_out import resume_caregiver_copies, resume_texts, stop_caregiver_copies, stop_texts

Kept = Sequence[tuple[Writer, Message]]
"""Everybody whose number it is, each with the message as it is kept in their conversation."""


def obey_stop(kept: Kept, *, now: datetime, how: str = "texted STOP") -> None:
    """Stop all messages to these patients on all channels, and all copies to these caregivers, at once.

    One confirmation goes to the number, and none when everything was stopped already. `how` they said so goes on after
    their name.
    """
    confirmed = False
    for writer, message in kept:
        if writer.caregiver is None:
            stopped = stop_texts(patient=writer.patient, how=how, by=None, now=now)
        else:
            stopped = stop_caregiver_copies(caregiver=writer.caregiver, how=f"{writer.name} {how}", now=now)
        if stopped and not confirmed:
            answer_back(message=message, text="copies-stopped" if writer.caregiver else "stopped", now=now)
            confirmed = True


def obey_start(kept: Kept, *, now: datetime) -> None:
    """Lift the stops, and take back their confirmation where it waits.

    Nothing is confirmed, unless the protocol has words for it (`resumed`).
    """
    for writer, message in kept:
        take_back(journey=writer.journey, text="copies-stopped" if writer.caregiver else "stopped")
        if writer.caregiver is not None:
            resume_caregiver_copies(caregiver=writer.caregiver, how=f"{writer.name} texted START", now=now)
        elif resume_texts(patient=writer.patient, how="texted START", by=None, now=now):
            answer_back(message=message, text="resumed", now=now)


def obey_help(kept: Kept, *, now: datetime) -> None:
    """Answer once, to the number: whom to call, and how to end the texts."""
    _, message = kept[0]
    answer_back(message=message, text="help", now=now)
