"""The heads of a trained pair, to take along."""

import shutil
from pathlib import Path
from typing import Any

from ..storage.files import read_json, write_text
from .measured_pairs import Row, row_of, what_it_finds
from .trained_pair import TrainedPair


def export(trained: TrainedPair, folder: Path) -> list[Path]:
    """Copies the heads with their settings into a folder, and writes a card that says what they are; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    source = trained.heads_file
    written = []
    for path, name in ((source, "heads.safetensors"), (source.with_suffix(".json"), "heads.json")):
        written.append(folder / name)
        shutil.copyfile(path, written[-1])
    written.append(folder / "README.md")
    write_text(written[-1], model_card(trained))
    return written


def model_card(trained: TrainedPair) -> str:
    """What the heads are, what made them, how good they were, and how to use them, as Markdown."""
    import jinja2

    study, pair = trained.plan.study, trained.pair
    results = trained.folder / trained.plan.folder
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("alignscape.commands", "."), undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    heads = read_json(trained.heads_file.with_suffix(".json"))
    return environment.get_template("model_card.md.jinja").render(
        study=study.title or study.study,
        seed=study.seed,
        pair=pair,
        heads=heads | {"n_layers": pair.variant.layers},
        encoders=[_origin(trained, side) for side in ("structure", "text")],
        measured=_measured(row_of(results, pair.structure, pair.text, pair.label)),
    )


def _origin(trained: TrainedPair, side: str) -> dict[str, Any]:
    from ..storage.embeddings import read_meta

    meta = read_meta(trained.folder / trained.plan.gathered(getattr(trained.pair, side)))
    block = trained.structure_block if side == "structure" else trained.text_block
    return vars(meta) | {"side": side, "kind": block.encoder}


def _measured(row: Row | None) -> list[str]:
    """Scores and retrieval with intervals and chance, a sentence each."""
    if row is None:
        return []
    score = f"calibrated score {_short(row['calibrated'])} [{_short(row['calibrated_low'])}, {_short(row['calibrated_high'])}]"
    return [
        f"{score}, 0 by chance and 1 at best; the paper's score is {_short(row['score'])}",
        *(what_it_finds(row, text_asked=asked) for asked in (True, False)),
    ]


def _short(text: str) -> str:
    return f"{float(text):.3f}" if text else "not measured"
