"""A logger of Snakemake's that writes each job which is run, or would be, as a line of JSON: `--logger jobs`."""

import json
import os
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
        """Rule and wildcards of a job, and whether a process shows a secret; other events are not ours."""
        if getattr(record, "event", None) == LogEvent.JOB_INFO:
            line = json.dumps({"rule": record.rule_name, "wildcards": dict(record.wildcards)})
            note_secrets(Path(self.settings.file).with_name("seen-secrets.txt"))
            with open(self.settings.file, "a", encoding="utf-8") as handle:
                handle.write(line + "\n")


def note_secrets(file: Path) -> None:
    """Notes which process has a value of OPENAI_API_KEY or HF_TOKEN in its command line, and how many were looked at."""
    secrets = [os.environ[name].encode() for name in ("OPENAI_API_KEY", "HF_TOKEN") if os.environ.get(name)]
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes()
        except OSError:  # it has ended
            continue
        lines.append(f"shown: {command!r}" if any(secret in command for secret in secrets) else "clean")
    with open(file, "a", encoding="utf-8") as handle:
        handle.write("".join(f"{line}\n" for line in lines))
