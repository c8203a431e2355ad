"""`python -m tests.chaos [--seed N] [--reminders N] [--seconds N]`: one run, its counts, and what must never happen.

Exit 0 when all is well, 1 with violations. Stops by itself.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import django

from config.processes import Household, stop_with
from tests.chaos.script import Script, write_script
from tests.chaos.site import Site

FAULTS = (
    "busy=0.01,error=0.005,error-taken=0.005,silent=0.002,silent-taken=0.002,drop=0.005,drop-taken=0.005,"
    "garbled-taken=0.005,twice=0.005,opted-out=0.02,landline=0.02,look-up=0.1,"
    "late=0.1,doubled=0.1,disordered=0.1,undelivered=0.03,machine=0.3,unreported=0.3"
)
MOST = 45_000
"""Beyond it, the patients would have to share numbers."""

SETTLES_WITHIN = 420.0
"""Seconds after the last event: leases of a minute run out, look-ups follow, refusals wait for minutes."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="what happens and when (default: a new one, printed)")
    parser.add_argument("--reminders", type=int, default=20_000, help="how many fall due (default 20000)")
    parser.add_argument("--seconds", type=float, default=120, help="over how long they fall due (default 120)")
    parser.add_argument("--askew", type=float, default=60, help="how far one worker's clock is off (default 60 s)")
    parser.add_argument("--faults", default=FAULTS, help="of the provider, as tests.provider takes them")
    parser.add_argument("--keep", type=Path, help="a folder for the logs and the ledger, instead of a temporary one")
    return parser.parse_args()


def main() -> int:
    stop_with(os.environ)
    given = arguments()
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    reminders = min(given.reminders, MOST)
    say(f"chaos: seed {seed}, {reminders:,} reminders due within {given.seconds:g} s")
    script = write_script(seed=seed, reminders=reminders, seconds=given.seconds)
    with Household(grace=3) as household:
        folder = given.keep or Path(tempfile.mkdtemp(prefix="milepost-chaos-"))
        if given.keep:
            given.keep.mkdir(parents=True)
        else:
            household.keep_clean(folder)
        site = Site(household, folder, seed=seed, faults=given.faults, askew=given.askew)
        os.environ.update(site.environ)
        django.setup()
        found = list(run(site, script, seed=seed))
    for line in found:
        say(f"VIOLATION  {line}")
    if found:
        say(f'{len(found)} kinds of violation. Again: make chaos ARGS="--seed {seed} --reminders {reminders}"')
    else:
        say(f"nothing lost, doubled, early, late, or sent under an old plan (seed {seed})")
    return 1 if found else 0


def run(site: Site, script: Script, *, seed: int) -> Iterator[str]:
    """Populate, break, wait, look. Needs Django."""
    from django.core.management import call_command
    from django.utils import timezone

    from tests.chaos import checks, witness, world
    from tests.chaos.havoc import Havoc

    call_command("migrate", verbosity=0)
    populated = timezone.now()
    journeys = world.populate(script, seed=seed, now=populated)
    witness.install()
    site.start_crew()
    world.begin(populated=populated, now=timezone.now())
    havoc = Havoc(site, journeys, began=time.monotonic(), say=say)
    havoc.wreak(script)
    say(f"  {havoc.elapsed():6.1f} s  everything that breaks has broken: {counts(havoc.done)}")
    deadline = time.monotonic() + SETTLES_WITHIN
    while checks.unsettled(timezone.now()).exists() or site.provider_counts()["to_report"]:
        if time.monotonic() > deadline:
            break
        time.sleep(1)
    say(f"  {havoc.elapsed():6.1f} s  settled")
    tell_counts(site)
    yield from checks.violations(site.ledger, now=timezone.now())
    if min(witness.plans_and_starts()) == 0:
        yield "nothing was planned anew or nothing was sent: this run proves nothing"


def tell_counts(site: Site) -> None:
    """What there was, in numbers."""
    from notifications.models import DeliveryAttempt, Message, OutboxEntry
    from pathway.models import Reminder, WorkItem
    from tests.chaos import witness

    provider = site.provider_counts()
    plans, starts = witness.plans_and_starts()
    say(f"reminders     {counts(Counter(Reminder.objects.values_list('state', flat=True)))}")
    say(f"not taken     {counts(Counter(DeliveryAttempt.objects.values_list('outcome', flat=True)))}")
    say(f"provider      took {provider['taken']:,}; met {counts(Counter(provider['met']))}")
    say(f"called back   {counts(Counter(provider['called_back']))}")
    say(f"messages      {counts(Counter(Message.objects.values_list('state', flat=True)))}")
    say(f"outbox        {OutboxEntry.objects.count():,}")
    say(f"work items    {counts(Counter(WorkItem.objects.values_list('kind', flat=True)))}")
    say(f"witnessed     {starts:,} offers started, {plans:,} new plans; {site.started} workers were started")


def counts(counted: Counter[str]) -> str:
    """`12 sent, 3 missed`, the most first."""
    return ", ".join(f"{number:,} {name or 'under way'}" for name, number in counted.most_common()) or "none"


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
