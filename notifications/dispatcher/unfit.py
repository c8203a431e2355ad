"""A row that cannot be read must not hold up the others: which exceptions are its own fault, and how they are noted."""

import logging

from django.db import InterfaceError, OperationalError

logger = logging.getLogger(__name__)

NOT_THE_ROWS_FAULT = (OperationalError, InterfaceError, MemoryError)
"""The database or the machine is in trouble. Every row would fail then, and none may be given up for it."""


def note_unfit(reminder_id: int, *, at: str, error: Exception) -> str:
    """Log that a stage broke on one reminder; the kind of exception, for staff.

    Its words are neither logged nor kept, since they could hold the patient's.
    """
    kind = type(error).__name__
    logger.error("reminder %s could not be %s: %s", reminder_id, at, kind)
    return kind
