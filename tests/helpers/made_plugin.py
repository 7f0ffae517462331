"""A package that plugs into alignscape, as pip leaves an installed one: modules, and a .dist-info beside them."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from alignscape.config import door
from alignscape.encoders.structure import registry as structure
from alignscape.encoders.text import registry as text
from alignscape.proteins.sources import registry as sources
from alignscape.questions import registry as questions

SHAPES = "lab_shapes/shapes"
FILES = {
    "lab_shapes/__init__.py": "",
    "lab_shapes/geometry.py": '''"""What the package's modules share."""

SCALE = 10.0
''',
    # --- a structure encoder in a folder, with weights of its own ---
    f"{SHAPES}/__init__.py": "",
    f"{SHAPES}/block.py": '''"""What a config may say of it."""

from typing import Literal

from pydantic import Field

from alignscape.config.encoders import Requirement, StructureEncoderBlock


class Shapes(StructureEncoderBlock):
    """Amino acids seen through a small table, and how far the C-alphas spread."""

    requirement = Requirement("ca", 40)
    encoder: Literal["shapes"]
    weights: Literal["package", "random"] = Field("package", description="The table that comes with it, or a random one.")
    sharpness: float = Field(1.0, gt=0, description="Power of the distances.")


BLOCK = Shapes
''',
    f"{SHAPES}/official.py": '''"""Where its weights lie."""

from pathlib import Path


def shipped(config):
    return Path(__file__).with_name("table.safetensors")
''',
    f"{SHAPES}/model.py": '''"""The encoder."""

import torch
from alignscape.encoders.structure.interface import StructureEncoder
from safetensors.torch import load_file
from torch import nn

from ..geometry import SCALE
from .block import Shapes


def build(config):
    return ShapesEncoder(config.sharpness)


class ShapesEncoder(StructureEncoder):
    residue_dimension = dimension = 9
    requirement = Shapes.requirement

    def __init__(self, sharpness):
        super().__init__()
        self.sharpness = sharpness
        self.table = nn.Embedding(21, 8)

    def featurise(self, structure):
        xyz = torch.from_numpy(structure.ca).nan_to_num()
        spread = ((xyz - xyz.mean(0)).norm(dim=1) / SCALE) ** self.sharpness
        return {"types": torch.from_numpy(structure.residue_type).long(), "spread": spread.float()}

    def collate(self, features):
        sizes = torch.tensor([len(f["types"]) for f in features])
        batch = {key: torch.cat([f[key] for f in features]) for key in ("types", "spread")}
        index = torch.repeat_interleave(torch.arange(len(features)), sizes)
        return batch | {"residue_protein": index, "n_proteins": len(features)}

    def forward(self, batch):
        return torch.cat([self.table(batch["types"]), batch["spread"][:, None]], dim=1)

    def readout(self, residues, batch):
        total = residues.new_zeros(batch["n_proteins"], 9).index_add_(0, batch["residue_protein"], residues)
        return total / torch.bincount(batch["residue_protein"])[:, None]

    def read_official(self, path):
        return load_file(path)
''',
    # --- a text encoder in one module ---
    "lab_shapes/letters.py": '''"""How often each letter is in a text."""

from typing import Literal

import numpy as np

from alignscape.config.encoders import TextEncoderBlock
from alignscape.storage.embeddings import TextWeights


class Letters(TextEncoderBlock):
    """How often each letter is in a text."""

    encoder: Literal["letters"]


BLOCK = Letters


def embed_texts(config, ids, texts, *, cache_dir, device, adapter, reference):
    rows = np.array([[text.lower().count(chr(97 + i)) for i in range(26)] for text in texts], dtype=np.float32)
    return list(ids), rows, [], TextWeights("none", None, "counts")
''',
    # --- a source in one module ---
    "lab_shapes/shelf.py": '''"""A folder with a key of its own."""

from pathlib import Path

from alignscape.config.proteins import SourceBlock
from pydantic import Field


class Shelf(SourceBlock):
    """A folder with a key of its own."""

    title = "the shelf of the lab"
    directory: Path = Field(Path("structures"), description="Which folder.")


BLOCK = Shelf


def open_entries(proteins, ids, *, cache_dir, seed):
    from alignscape.proteins.sources.directory import DirectorySource
    from alignscape.proteins.sources.registry import options

    return DirectorySource(options(proteins).directory, ids=ids, name="the shelf", cache_dir=cache_dir)
''',
    # --- a question with a section of the page ---
    "lab_shapes/sizes/__init__.py": '''"""Whether a protein's size tells how well it is aligned."""

from alignscape.questions.question import Question

QUESTION = Question(label="Sizes", place=35, figures=("sizes",))
''',
    "lab_shapes/sizes/analysis.py": '''"""The mean score of all proteins, by pair."""

from alignscape.questions.evidence.tables import result


def run(evidence):
    table = evidence.main_table()
    rows = [{"label": label, "mean": float(scores.mean())} for label, scores in zip(table.labels, table.matched)]
    return result("sizes", rows, columns=("label", "mean"), answer=f"{len(rows)} pairs were asked.", method="A mean.")
''',
    "lab_shapes/sizes/section.py": '''"""Its section of the page."""

from alignscape.report.section import Section


def section(results):
    answer = results.questions["sizes"]["answer"]
    return Section(id="sizes", kicker="Lab", title="What do sizes say?", menu="Sizes", answer=answer)
''',
    "lab_shapes/sizes/figures.py": '''"""Its figure."""

from alignscape.report.figures.axis import Axis
from alignscape.report.figures.figure import Figure, Name, Row, Rows
from alignscape.report.figures.marks import Estimate


def sizes(results):
    rows = [Row(Name(r["label"]), [Estimate(r["mean"], r["mean"], r["mean"])]) for r in results.rows("sizes")]
    return Figure("sizes", "Mean score by pair", [Rows(rows, Axis("mean score"))])
''',
    "lab_shapes/sizes/caption.rst": "The mean score of each pair.\n",
    "lab_shapes-0.3.dist-info/METADATA": "Metadata-Version: 2.1\nName: lab-shapes\nVersion: 0.3\n",
    "lab_shapes-0.3.dist-info/entry_points.txt": """[alignscape.structure_encoders]
shapes = lab_shapes.shapes

[alignscape.text_encoders]
letters = lab_shapes.letters

[alignscape.sources]
shelf = lab_shapes.shelf

[alignscape.questions]
sizes = lab_shapes.sizes
""",
}
STUDY = {
    "structure_encoders": [{"name": "shapes", "encoder": "shapes"}, {"name": "composition", "encoder": "composition"}],
    "language_models": [{"name": "letters", "encoder": "letters"}, {"name": "words", "encoder": "tfidf"}],
}


def write_plugin(folder: Path) -> Path:
    """The package under `folder`, which is to stand on Python's path; the folder."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    write_weights(folder, seed=0)
    return folder


def write_weights(folder: Path, *, seed: int) -> None:
    """The weights that the plug-in's encoder ships."""
    table = np.random.default_rng(seed).normal(size=(21, 8)).astype(np.float32)
    save_file({"table.weight": table}, folder / SHAPES / "table.safetensors")


def edit(path: Path, old: str, new: str) -> None:
    """Another text in the place of one that is there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@contextmanager
def installed_plugin(folder: Path) -> Iterator[Path]:
    """The package in `folder`, found by this process as long as the block lasts."""
    sys.path.insert(0, str(write_plugin(folder)))
    forget()
    try:
        yield folder
    finally:
        sys.path.remove(str(folder))
        forget()


def forget() -> None:
    """What this process knows of installed packages."""
    for known in (
        door.installed,
        structure.members,
        text.members,
        sources.members,
        questions.members,
        questions.questions,
    ):
        known.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "lab_shapes"]:
        del sys.modules[name]
    importlib.invalidate_caches()
