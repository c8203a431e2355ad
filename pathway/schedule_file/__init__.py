"""A clinic's schedule as a CSV file: opened, split into rows and read cell by cell. Knows no database.

`open_schedule` answers a file that can be used or raises `ScheduleFileError`; `read_case` reads one row of it or
raises `CellError`. A new column starts in `columns.py`.
"""

from pathway.schedule_file.case import CancelledCase, Case, ScheduledCase, read_case
from pathway.schedule_file.cells import CellError, Drug, Phone
from pathway.schedule_file.columns import Column, ScheduleFileError, plain
from pathway.schedule_file.opening import Schedule, open_schedule
from pathway.schedule_file.records import Row

__all__ = [
    "CancelledCase",
    "Case",
    "CellError",
    "Column",
    "Drug",
    "Phone",
    "Row",
    "Schedule",
    "ScheduleFileError",
    "ScheduledCase",
    "open_schedule",
    "plain",
    "read_case",
]
