"""`python -m tests.provider`: the provider as a process. Prints `READY http://127.0.0.1:PORT`, ends on INT or TERM.

`GET /ledger` is every acceptance, `GET /counts` what was met, called back and taken twice. With `--ledger FILE` the
acceptances are also lines of JSON that survive the process, and a new one goes on from there.
"""

import argparse
import asyncio
import signal
from pathlib import Path

from tests.provider.faults import ALL, Faults
from tests.provider.server import SID, TOKEN, Provider


def arguments() -> argparse.Namespace:
    names = "\n".join(f"  {name:14} {what}" for name, what in ALL.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.provider",
        description=__doc__,
        epilog=f"faults:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faults", default="", help="0.05, or busy=0.01,drop-taken=0.005,late=0.2")
    parser.add_argument("--latency", type=float, default=0, help="seconds before every answer")
    parser.add_argument("--ledger", type=Path, help="a file for the acceptances")
    parser.add_argument("--account", default=f"{SID}:{TOKEN}", help="account SID and auth token, with a colon between")
    parser.add_argument("--callbacks", action="store_true", help="call back, if the address is of this machine")
    parser.add_argument("--callback-after", type=float, default=0.05, help="seconds between the steps of a message")
    return parser.parse_args()


async def serve(given: argparse.Namespace) -> None:
    sid, _, token = given.account.partition(":")
    provider = Provider(
        seed=given.seed,
        faults=Faults.read(given.faults),
        latency=given.latency,
        port=given.port,
        ledger=given.ledger,
        accounts={sid: token},
        callbacks=given.callbacks,
        callback_after=given.callback_after,
    )
    await provider.open()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    print(f"READY {provider.url}", flush=True)
    await ended.wait()
    await provider.close()


if __name__ == "__main__":
    asyncio.run(serve(arguments()))
