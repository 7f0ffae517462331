"""A logger of Snakemake's that writes each job which is run, or would be, as a line of JSON: `--logger jobs`."""

import json
from dataclasses import dataclass, field
from logging import LogRecord
from pathlib import Path

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.settings import LogHandlerSettingsBase


@dataclass
class LogHandlerSettings(LogHandlerSettingsBase):
    """`--logger-jobs-file`."""

    file: Path | None = field(default=None, metadata={"help": "Where the lines go.", "required": True, "type": Path})


class LogHandler(LogHandlerBase):
    """Appends a line when Snakemake says which job it starts, and nothing else."""

    writes_to_stream = writes_to_file = needs_rulegraph = False
    has_filter = has_formatter = True

    def emit(self, record: LogRecord) -> None:
        """Rule and wildcards of a job; other events are not ours."""
        if getattr(record, "event", None) == LogEvent.JOB_INFO:
            line = json.dumps({"rule": record.rule_name, "wildcards": dict(record.wildcards)})
            with open(self.settings.file, "a", encoding="utf-8") as handle:
                handle.write(line + "\n")
