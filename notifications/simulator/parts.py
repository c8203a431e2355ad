"""A simulation in parts, each in a throwaway database, on several processes if wanted.

How a simulation is divided depends on its size alone: the same seed gives the same report on any machine.
"""

import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import asdict
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from time import perf_counter

from notifications.simulator.child import play_in_child
from notifications.simulator.report import Part, Report, report_of
from notifications.simulator.simulation import Task, play_in_its_own_database

WORTH_DIVIDING = 200
"""Journeys. Below this the making of more databases takes longer than it saves."""

PARTS = 4
LOOK_EVERY = 0.5
"""Seconds after which an interruption is noticed even when no process has anything to say."""


class PartLost(Exception):
    """A process of the simulation ended without a result."""


def simulate(
    *,
    journeys: int,
    weeks: int,
    seed: int,
    faults: float,
    parts: int | None = None,
    processes: int = 1,
    protocol: str = "mild",
    progress: Callable[[int], object] = lambda lines: None,
    expect: Callable[[int], object] = lambda lines: None,
) -> Report:
    """Run a simulation in databases of its own. The same numbers give the same report, but for its wall seconds.

    `expect` is told how many lines the scripts have, `progress` how many more were played. Raises `PartLost` when a
    process was killed.
    """
    began = perf_counter()
    parts = parts or (PARTS if journeys >= WORTH_DIVIDING else 1)
    tasks = [Task(journeys, weeks, seed, faults, part, parts, protocol) for part in range(parts)]
    expect(sum(task.count_lines() for task in tasks))
    if processes > 1 and parts > 1:
        found = in_processes(tasks, processes=processes, progress=progress)
    else:
        found = [play_in_its_own_database(task, progress=progress) for task in tasks]
    return report_of(
        found, journeys=journeys, weeks=weeks, seed=seed, faults=faults, wall_seconds=perf_counter() - began
    )


def in_processes(tasks: Sequence[Task], *, processes: int, progress: Callable[[int], object]) -> list[Part]:
    """Play the parts side by side. Whatever ends this ends the processes, which delete their databases."""
    waiting = list(reversed(tasks))
    running: dict[Connection, tuple[Task, SpawnProcess]] = {}
    found: dict[int, Part] = {}
    try:
        while waiting or running:
            while waiting and len(running) < processes:
                task = waiting.pop()
                receiver, process = start(task)
                running[receiver] = task, process
            ready = wait(list(running), timeout=LOOK_EVERY)
            for receiver in [connection for connection in running if connection in ready]:
                message = heard(receiver)
                if isinstance(message, Part):
                    task, process = running.pop(receiver)
                    found[task.part] = message
                    process.join()
                else:
                    progress(message)
    finally:
        for _, process in running.values():
            process.terminate()
        for _, process in running.values():
            process.join()
    return [found[task.part] for task in tasks]


def start(task: Task) -> tuple[Connection, SpawnProcess]:
    """A process that plays one part, and the connection on which it tells of it."""
    context = multiprocessing.get_context("spawn")  # not forked: a child must not share the parent's connections
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=play_in_child, args=(asdict(task), sender), daemon=True)
    process.start()
    sender.close()
    return receiver, process


def heard(receiver: Connection) -> Part | int:
    """What a process says: lines played, or its result. Raises `PartLost` when it ended without one."""
    try:
        message: Part | int = receiver.recv()
    except EOFError:
        raise PartLost("a process of the simulation ended without a result") from None
    return message
