"""A protocol file: TOML in, `pathway.planner.spec.Protocol` out, or every finding at once. No Django, no database."""

from pathway.protocol_file.durations import DurationError, read_duration
from pathway.protocol_file.findings import Finding, ProtocolError
from pathway.protocol_file.loading import load, parse_toml
from pathway.protocol_file.shipped import read_shipped, shipped_keys, shipped_milestones, shipped_path

__all__ = [
    "DurationError",
    "Finding",
    "ProtocolError",
    "load",
    "parse_toml",
    "read_duration",
    "read_shipped",
    "shipped_keys",
    "shipped_milestones",
    "shipped_path",
]
