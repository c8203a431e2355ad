"""`manage.py protocol check [FILE]` and `manage.py protocol publish [FILE]`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from pathway.actions.protocols import PublishError, publish_protocol
from pathway.management.one_line import OneLineCommand, answer_in_one_line
from pathway.protocol_check import Report, check_protocol
from pathway.protocol_file import ProtocolError, shipped_keys, shipped_path


class Command(OneLineCommand):
    """Checks protocol files without a database, or publishes them as new versions."""

    help = "Check protocol files (exit 1 with every finding), or publish them as new versions."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        answer_in_one_line(parser)
        parser.add_argument("action", choices=["check", "publish"])
        parser.add_argument("file", nargs="?", help="a TOML file; every shipped protocol when left out")

    def handle(self, *, action: str, file: str | None, **options: Any) -> None:
        paths = [Path(file)] if file else [shipped_path(key) for key in shipped_keys()]
        sources = [(path, read(path)) for path in paths]
        if action == "publish":
            for path, source in sources:
                self.publish(path, source)
            return
        reports = [self.check_file(path, source) for path, source in sources]
        if any(report.errors for report in reports):
            raise SystemExit(1)

    def check_file(self, path: Path, source: str) -> Report:
        """Print what the check of one file finds."""
        name = shown(path)
        report = check_protocol(source, name=name)
        for finding in report.errors:
            self.stdout.write(str(finding))
        for finding in report.warnings:
            self.stdout.write(f"{finding.file}: {finding.table}: {finding.field}: warning: {finding.message}")
        if not report.errors:
            for text in report.texts:
                cost = text.segments
                self.stdout.write(
                    f"  {text.key:20} {text.language}  grade {text.grade:4.1f}  "
                    f"{cost.encoding:6} {cost.units:3} characters, {cost.count} message{'s'[: cost.count > 1]}"
                )
            self.stdout.write(self.style.SUCCESS(f"{name}: good to publish; warnings: {len(report.warnings)}"))
        return report

    def publish(self, path: Path, source: str) -> None:
        """Publish one file; a file with findings is refused with all of them."""
        report = check_protocol(source, name=shown(path))
        if report.errors:
            for finding in report.errors:
                self.stdout.write(str(finding))
            raise SystemExit(1)
        try:
            version = publish_protocol(source=source, by=None, now=timezone.now())
        except (PublishError, ProtocolError) as error:
            raise CommandError(f"{shown(path)}: {error}") from error
        self.stdout.write(self.style.SUCCESS(f"{shown(path)}: published as {version}"))


def read(path: Path) -> str:
    """The text of a file. Raises `CommandError` (exit 2) when there is none to read."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        told = f"FILE: {path} is not UTF-8 text (byte {error.start})"
    except (OSError, ValueError) as error:
        told = f"FILE: {path} cannot be read: {getattr(error, 'strerror', None) or error}"
    raise CommandError(told, returncode=2)


def shown(path: Path) -> str:
    """A path as short as it can be said from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else str(path)
