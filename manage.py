#!/usr/bin/env python3
"""Milepost's command line: `python manage.py help` lists what it can do."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - Django's own layout

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
