"""The weights that alignscape ships with its own encoders, and the proteins that they were trained on.

An encoder's folder may hold a folder `shipped`, and in it for each training three files of one name: the arrays
(.safetensors), the card (.json: settings, seed, what was measured, checksums) and the sequences of all proteins that it was
trained on (.fasta.gz). `tools/train_shipped.py` writes them. Nothing heavy is imported here: the plan reads the cards.
"""

import gzip
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...config.door import home_of
from ...config.encoders import StructureEncoderBlock
from ...errors import UserError
from ...storage.files import read_json, sha256_file


@dataclass(frozen=True, eq=False)
class Shipped:
    """One training that ships."""

    card_file: Path
    card: dict[str, Any]

    @property
    def weights(self) -> Path:
        """The arrays."""
        return self.card_file.with_name(self.card["weights"]["file"])

    @property
    def sha256(self) -> str:
        """Of the arrays, as the card has it."""
        return str(self.card["weights"]["sha256"])

    def checked(self, what: str) -> Path:
        """The file of `weights`, or of `seen`: the sequences. Raises UserError for one that is not the card's."""
        entry = self.card[what]
        path = self.card_file.with_name(entry["file"])
        found = sha256_file(path) if path.is_file() else "no such file"
        if found != entry["sha256"]:
            raise UserError(f"{path}: expected sha256 {entry['sha256']}, found {found}; install alignscape again")
        return path


def shipped_weights(block: StructureEncoderBlock) -> Shipped:
    """The training that ships for a block of `weights: shipped`: of its task, with its sizes.

    Raises UserError, which names the key, where there is none.
    """
    cards = _cards(_folder(block))
    task = block.pretraining.task
    fitting = [one for one in cards if one.card["task"] == task]
    if not fitting:
        known = ", ".join(dict.fromkeys(one.card["task"] for one in cards))
        found = f"only for pretraining.task {known}" if known else "none"
        raise UserError(
            f"{block.name}: weights: shipped: of {block.encoder}, for pretraining.task {task}, alignscape ships {found};"
            " set weights: trained"
        )
    sizes = sizes_of(block)
    for one in fitting:
        if one.card["sizes"] == sizes:
            return one
    key = next(key for key in sizes if all(one.card["sizes"].get(key) != sizes[key] for one in fitting))
    known = " or ".join(str(one.card["sizes"].get(key)) for one in fitting)
    raise UserError(
        f"{block.name}: {key} is {sizes[key]}; the shipped weights of {block.encoder} ({task}) have {known}:"
        f" set {key} to that, or weights: trained"
    )


def shipped_choices(block: StructureEncoderBlock) -> list[dict[str, Any]]:
    """What a block has to say for each training that ships with its encoder, the widest first."""
    choices = [one.card["sizes"] | {"pretraining": {"task": one.card["task"]}} for one in _cards(_folder(block))]
    return sorted(choices, key=lambda choice: -sum(choice.get("hidden", ())))


def sizes_of(block: StructureEncoderBlock) -> dict[str, Any]:
    """The keys of a block that set the sizes of its encoder's arrays: whole numbers, or lists of them."""
    own = set(type(block).model_fields) - set(StructureEncoderBlock.model_fields)
    values = {key: getattr(block, key) for key in sorted(own)}
    return {key: value for key, value in values.items() if isinstance(value, int | list)}


def seen_sequences(blocks: Iterable[StructureEncoderBlock]) -> dict[str, list[str]]:
    """By PDB id, the sequences of all proteins that the shipped weights of these blocks were trained on."""
    seen: dict[str, set[str]] = {}
    for block in blocks:
        if block.weights == "shipped":
            for id_, sequence in _records(shipped_weights(block).checked("seen")):
                seen.setdefault(id_, set()).add(sequence)
    return {id_: sorted(sequences) for id_, sequences in sorted(seen.items())}


def _records(path: Path) -> list[tuple[str, str]]:
    """Id and sequence of each record, a sequence a line."""
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    return [(head.removeprefix(">"), sequence) for head, sequence in zip(lines[::2], lines[1::2], strict=True)]


@cache
def _cards(folder: Path) -> tuple[Shipped, ...]:
    """The trainings in a folder, of several of the same kind the first only."""
    found = (Shipped(path, read_json(path)) for path in sorted(folder.glob("*.json")))
    return tuple(one for one in found if one.card["training"] == 1)


def _folder(block: StructureEncoderBlock) -> Path:
    spec = importlib.util.find_spec(home_of(block)[0])
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places or [""]))) / "shipped"
