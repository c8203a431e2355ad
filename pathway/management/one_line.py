"""Bad arguments answered in one line: which argument, and why."""

from argparse import ArgumentParser
from typing import NoReturn


def answer_in_one_line(parser: ArgumentParser) -> None:
    """Make the parser end with exit code 2 and one line on standard error, without its usage block."""

    def error(message: str) -> NoReturn:
        parser.exit(2, " ".join(message.split()) + "\n")

    parser.error = error  # type: ignore[method-assign]
