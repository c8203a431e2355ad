"""The page that `--write` makes: what was measured on which machine, in tables, with a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Figure, table
from benchmarks.picture import picture
from benchmarks.rates import Rate
from benchmarks.standing import standing

HEAD = """# Benchmarks

Made by `make bench ARGS="--write docs/benchmarks.md"`. The ratio is above 1 where the aim is reached. Other programs
that run at the same time halve these figures: look at the load before comparing two tables.
"""

ABOUT: Mapping[str, str] = {
    "dispatch": """## Sending

From the start of the processes (`manage.py dispatch`) to the last reminder recorded as sent: claimed, re-checked,
worded, its start committed, handed to a channel that accepts at once, recorded. Each reminder is about fasting and has
a journey, a patient, a consent and a number of its own. Each run begins on a fresh copy of the database after a
checkpoint, and counts only when every due reminder has exactly one message, with the moment of its start and the name
the provider gave it, and nothing was refused, unanswered or touched besides.

The raw limit is a table of six columns with the due index alone: two processes claim 500 rows with `SKIP LOCKED` in one
commit and mark them in another, and nothing is read, checked or written besides. The same on our own table shows what
the wider row and its indexes cost.
""",
    "peers": """## Others

On the same server, with messages worded beforehand and a provider that accepts at once. django-post-office runs
`send_queued_mail`, as installed and tuned (large batches, one or two processes, no log row for each success). Celery's
worker (two processes, each task marks its row) is started on tasks whose `eta` has come, and once more among tasks that
are due tomorrow; it gets fewer, so as to end. What takes longer than a minute is run three times instead of five.
""",
    "lateness": """## Lateness

Two dispatchers run and idle before the rush begins. Late is by the clock of whoever took the message. The provider that
takes 100 ms is a server on loopback that speaks the protocol of the real one; texts go there over HTTP.
""",
    "planner": "## Planning\n",
    "rows": "## Rows, without a flush on PostgreSQL\n",
    "simulation": "## Simulation\n",
}

AGAIN = """## Again

    make bench                                      everything, about 45 minutes
    make bench ARGS="--quick"                       a tenth of the rows, once: a look, not a measurement
    make bench ARGS="--only dispatch,peers"         some parts: {parts}

Loopback only. The databases lie in a temporary folder (`TMPDIR`), need about 4 GB, and are removed at the end.
"""

Measured = Mapping[str, Sequence[Figure | Rate]]
"""What each part found, by its name."""


def rates_in(measured: Measured) -> list[Rate]:
    """The rates of all parts."""
    return [one for results in measured.values() for one in results if isinstance(one, Rate)]


def sections(measured: Measured, *, about: str) -> list[str]:
    """The aims first, then each part that was measured."""
    found = [about]
    aims = list(standing(rates_in(measured)))
    if aims:
        found.append(f"## Aims\n\n{table(aims)}")
    found += [f"{ABOUT[name]}\n{table([figure_of(one) for one in results])}" for name, results in measured.items()]
    return found


def figure_of(result: Figure | Rate) -> Figure:
    """One line of a table."""
    if isinstance(result, Figure):
        return result
    return Figure(result.what(), "PostgreSQL, every commit flushed", result.result())


def write(path: Path, measured: Measured, *, about: str) -> None:
    """Write the page, and its picture into the folder `images` beside it where there is something to draw."""
    head, *rest = sections(measured, about=about)
    parts = [HEAD, head]
    rates = rates_in(measured)
    if rates:
        drawn = path.parent / "images" / "benchmarks.svg"
        drawn.parent.mkdir(parents=True, exist_ok=True)
        drawn.write_text(picture(rates) + "\n", encoding="utf-8")
        parts.append("![Reminders sent and recorded in a second, on a logarithmic scale](images/benchmarks.svg)")
    parts += [*rest, AGAIN.format(parts=", ".join(ABOUT))]
    path.write_text("\n\n".join(part.strip() for part in parts) + "\n", encoding="utf-8")
