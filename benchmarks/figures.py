"""What a measurement yields, and how it is shown."""

import os
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what was measured, on what, the result in words, and the aim if there is one.

    `ratio` is the result in multiples of the aim, above 1 when it is reached; None without an aim.
    """

    what: str
    on: str
    result: str
    aim: str = ""
    ratio: float | None = None


def seconds_for(action: Callable[[], object]) -> float:
    """How long one call takes."""
    began = perf_counter()
    action()
    return perf_counter() - began


def median_seconds(action: Callable[[], object], *, runs: int) -> float:
    """The median over several runs: one slow run of a busy machine does not count."""
    return statistics.median(seconds_for(action) for _ in range(runs))


def machine() -> str:
    """The machine and the versions behind the figures, in one line."""
    model = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return (
        f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start; "
        f"Python {platform.python_version()}, Django {version('django')}, psycopg {version('psycopg')}, "
        f"Celery {version('celery')}, django-post-office {version('django-post-office')}"
    )


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table, which people can read as it is."""
    rows = [("Measured", "On", "Result", "Aim", "Result : aim")]
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        rows.append((figure.what, figure.on, figure.result, figure.aim, ratio))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])
