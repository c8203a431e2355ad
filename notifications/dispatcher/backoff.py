"""When to try again."""

from datetime import timedelta
from zlib import crc32

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)


def wait_before(attempt: int, *, name: str) -> timedelta:
    """How long to wait before try number `attempt` + 1: doubled each time, and spread by up to a quarter either way.

    The spread comes from `name`, so it is the same in every replay and different for every reminder: a thousand
    messages refused together do not come back together.
    """
    doubled = min(FIRST_WAIT * (1 << min(max(attempt - 1, 0), 16)), LONGEST_WAIT)
    spread = crc32(f"{name}/{attempt}".encode()) / 2**32  # from 0 up to 1
    return doubled * (0.75 + spread / 2)
