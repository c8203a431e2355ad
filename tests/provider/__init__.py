"""A provider of texts and calls on this machine, shaped like Twilio: for tests, chaos runs and benchmarks.

In a test, in a thread of its own:

    with Provider(seed=1) as provider:          # provider.url is what MILEPOST_TWILIO_URL would be
        provider.script("busy", "drop-taken")   # what the next requests meet; see `faults.py`
        ...
        provider.ledger.taken()                 # every acceptance: our uuid, number, words, time

As a process, for runs that kill things: `python -m tests.provider --help`.

Like the real one it honours no reference of ours: what it is offered twice it takes twice, and the ledger shows it.
"""

from tests.provider.faults import Faults
from tests.provider.ledger import Ledger, Taken
from tests.provider.server import SID, TOKEN, Provider
from tests.provider.signing import signature

__all__ = ["SID", "TOKEN", "Faults", "Ledger", "Provider", "Taken", "signature"]
