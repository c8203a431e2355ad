"""What would happen to one patient, without a patient: from typed arguments to a plan that can be read. No database."""

from pathway.preview.arguments import ArgumentError, named_time
from pathway.preview.as_json import as_json
from pathway.preview.request import Preview, read_request
from pathway.preview.timeline import timeline

__all__ = ["ArgumentError", "Preview", "as_json", "named_time", "read_request", "timeline"]
