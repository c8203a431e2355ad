"""Commands that answer what they cannot do in one line: which argument, file or server, and why."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

NO_DATABASE = (
    "the database cannot be used: run manage.py migrate if it is new, or try again later if it is busy; "
    "what was saved before this stays"
)


class OneLineCommand(BaseCommand):
    """Ends with one line instead of a traceback when the world outside fails.

    Exit 2 for a database that cannot be used, 1 for input and output. `--traceback` shows where it happened.
    """

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            try:
                return super().execute(*args, **options)
            finally:
                self.stdout.flush()  # here, where a full disk or a closed pipe can still be answered
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(f"{NO_DATABASE} ({type(error).__name__})", returncode=2) from error
        except OSError as error:
            let_go_of_output()
            where = f"{error.filename}: " if error.filename else "output: "
            raise CommandError(f"{where}{error.strerror or error}", returncode=1) from error


def let_go_of_output() -> None:
    """Send what is still unwritten nowhere, if it cannot be written: the interpreter would try again as it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def answer_in_one_line(parser: ArgumentParser) -> None:
    """Make the parser end with exit code 2 and one line on standard error, without its usage block."""

    def error(message: str) -> NoReturn:
        parser.exit(2, " ".join(message.split()) + "\n")

    parser.error = error  # type: ignore[method-assign]


def whole(least: int, most: int) -> Callable[[str], int]:
    """A type of argument: a whole number from `least` to `most`."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ArgumentTypeError(f"“{text}” is not a whole number") from None
        if not least <= number <= most:
            raise ArgumentTypeError(f"{number} is not between {least} and {most}")
        return number

    return read
