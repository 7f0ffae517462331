"""The heads of a trained pair, to take along."""

import shutil
from pathlib import Path

from .trained_pair import TrainedPair


def export(trained: TrainedPair, folder: Path) -> list[Path]:
    """Copies the heads and their card into a folder; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    source = trained.heads_file
    written = []
    for path, name in ((source, "heads.safetensors"), (source.with_suffix(".json"), "heads.json")):
        written.append(folder / name)
        shutil.copyfile(path, written[-1])
    return written
