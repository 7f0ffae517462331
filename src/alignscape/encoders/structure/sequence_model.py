"""Rows of proteins by a protein language model: each chain is read on its own, the row is the mean over all residues."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...config.encoders import ProteinModelBlock, StructureEncoderBlock
from ...errors import ProteinRejected, UserError
from ...proteins.structure import Structure
from ...storage.files import read_json
from ...storage.hub import hub_folder
from ..text import model_files
from ..text.batches import fill_batches, token_budget_of
from ..text.bidirectional import checked_layer, load_encoder, most_tokens, padded_states, random_encoder
from ..text.foreign_code import load_tokenizer, require_data_only
from ..text.special_tokens import around
from .interface import Batch, Features, StructureEncoder

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Vocabulary:
    """Token ids: `of_kind` (kinds,) one for each kind of residue, and what the tokenizer puts around a sequence."""

    of_kind: NDArray[np.int64]
    before: tuple[int, ...]
    after: tuple[int, ...]

    def row(self, kinds: NDArray[np.integer]) -> tuple[int, ...]:
        """The tokens of a stretch of residues, special ones included."""
        return (*self.before, *self.of_kind[kinds].tolist(), *self.after)


def model_folder(config: ProteinModelBlock) -> Path:
    """The model's local folder, given or fetched from the hub. Raises UserError for one that is not to be had or not data."""
    found = model_files.local_or_hub(config.model)
    folder = found if isinstance(found, Path) else hub_folder(found, revision=config.revision)
    require_data_only(folder, name=config.name)
    return folder


def as_fetched(block: StructureEncoderBlock, note: Path | None) -> StructureEncoderBlock:
    """The block that reads the very folder that was fetched when `note` was written; no job asks the hub again.

    Blocks of other encoders, and those without a note, stay as they are.
    """
    if note is None or not isinstance(block, ProteinModelBlock):
        return block
    return block.model_copy(update={"model": read_json(note)["file"], "revision": None})


def read_vocabulary(
    tokenizer: "PreTrainedTokenizerBase", words: Sequence[str], *, may_be_unknown: Sequence[str], name: str
) -> Vocabulary:
    """The tokens of the words that stand for residues, as the tokenizer gives them, with spaces between or without.

    Raises UserError for a tokenizer that has not one token for each, but for those that may be unknown to it.
    """
    for joined in (" ".join(words), "".join(words)):
        plain = list(tokenizer(joined, add_special_tokens=False)["input_ids"])
        if len(plain) == len(words) and not _unknown(tokenizer, words, plain, may_be_unknown):
            whole = list(tokenizer(joined)["input_ids"])
            if (found := around(whole, plain)) is not None:
                return Vocabulary(np.array(plain), *found)
    raise UserError(
        f"model {name!r}: its tokenizer has not one token for each residue (tried {words[0]!r} to {words[-1]!r}); "
        "expected a protein language model that reads residue by residue"
    )


def _unknown(
    tokenizer: "PreTrainedTokenizerBase", words: Sequence[str], tokens: list[int], may_be_unknown: Sequence[str]
) -> list[str]:
    return [
        word
        for word, token in zip(words, tokens, strict=True)
        if token == tokenizer.unk_token_id and word not in may_be_unknown
    ]


def cut_windows(n_residues: int, *, window: int, overlap: int) -> list[tuple[int, int, int, int]]:
    """(start, end, first, last) of windows that share at least `overlap` residues; of each, residues first:last are taken.

    Every residue is taken once, from the window in which it is farthest from an end, and the windows are evenly spread.
    """
    count = max(1, -(-(n_residues - overlap) // (window - overlap)))
    size = min(window, n_residues)
    starts = [round(i * (n_residues - size) / max(count - 1, 1)) for i in range(count)]
    ends = [start + size for start in starts]
    cuts = [0, *((later + end) // 2 for later, end in zip(starts[1:], ends, strict=False)), n_residues]
    return list(zip(starts, ends, cuts[:-1], cuts[1:], strict=True))


class SequenceModel(StructureEncoder):
    """A protein language model; it sees what kind each residue is, and which follows which within a chain.

    The residues are those observed, so a gap in a chain is closed. Chains do not see each other, and chains that are
    alike are computed once.
    """

    requirement = ProteinModelBlock.requirement

    def __init__(self, config: ProteinModelBlock, words: Sequence[str], *, may_be_unknown: Sequence[str]) -> None:
        super().__init__()
        self.config, self.folder = config, model_folder(config)
        tokenizer = load_tokenizer(self.folder)
        self.vocabulary = read_vocabulary(tokenizer, words, may_be_unknown=may_be_unknown, name=config.name)
        self.model = self._model()
        self.layer = checked_layer(config.layer, self.model, name=config.name)
        self.dimension = self.residue_dimension = self.model.config.get_text_config().hidden_size
        self.number_type = config.dtype
        self._require_what_the_config_says()

    def _model(self) -> "torch.nn.Module":
        if self.config.weights == "random":
            return random_encoder(self.config, self.folder)
        return load_encoder(self.config, self.folder, device="cpu")

    def _require_what_the_config_says(self) -> None:
        wanted, name = self.config.dimension, self.config.name
        if wanted is not None and wanted != self.dimension:
            raise UserError(
                f"{name}: dimension: found {self.dimension} in {self.folder}/config.json, the config says {wanted}; "
                "correct `dimension`, or the model"
            )
        most = most_tokens(self.model)
        room = most - len(self.vocabulary.row(np.empty(0, dtype=np.int64))) if most else self.config.window
        if room < self.config.window:
            raise UserError(f"{name}: window: found {self.config.window}, but the model takes {room} residues at once")

    @abstractmethod
    def kinds(self, structure: Structure) -> NDArray[np.integer]:
        """(r,) the kind of each residue, an index into the words."""

    def model_weights(self, *, cache_dir: Path) -> tuple[str, str]:
        """SHA-256 and origin of the weights in the model's folder."""
        sha256 = model_files.weights_sha256(self.folder, cache_dir=cache_dir)
        return sha256, model_files.origin_of(self.config.model, self.folder)

    def featurise(self, structure: Structure) -> Features:
        """Windows: their tokens, and which residues of them are taken."""
        if structure.n_residues == 0:
            raise ProteinRejected("no observed residue")
        kinds = self.kinds(structure)
        windows, taken = [], []
        for of_chain in np.split(kinds, np.flatnonzero(np.diff(structure.residue_chain)) + 1):
            for start, end, first, last in cut_windows(
                len(of_chain), window=self.config.window, overlap=self.config.overlap
            ):
                windows.append(self.vocabulary.row(of_chain[start:end]))
                taken.append((first - start, last - start))
        return {"windows": windows, "taken": taken, "n_residues": structure.n_residues}

    def collate(self, features: Sequence[Features]) -> Batch:
        """The windows of all proteins, those that are alike once, and the pieces of them that make the residues in order."""
        number: dict[tuple[int, ...], int] = {}
        pieces = [
            (number.setdefault(window, len(number)), *taken)
            for f in features
            for window, taken in zip(f["windows"], f["taken"], strict=True)
        ]
        sizes = torch.tensor([f["n_residues"] for f in features])
        return {
            "windows": list(number),
            "pieces": pieces,
            "residue_protein": torch.repeat_interleave(torch.arange(len(features)), sizes),
            "n_proteins": len(features),
        }

    def forward(self, batch: Batch) -> Tensor:
        """(n, d) float32 hidden states of the residues, without those of special tokens."""
        windows, device = batch["windows"], batch["residue_protein"].device
        budget = self.config.token_budget or token_budget_of(device.type, self.dimension)
        states: dict[int, Tensor] = {}
        for chosen in fill_batches([len(window) for window in windows], token_budget=budget):
            padded = padded_states(self.model, [windows[i] for i in chosen], layer=self.layer)
            states |= dict(zip(chosen, padded, strict=True))
        skipped = len(self.vocabulary.before)
        return torch.cat([states[i][skipped + first : skipped + last] for i, first, last in batch["pieces"]]).float()

    def readout(self, residues: Tensor, batch: Batch) -> Tensor:
        """(n_proteins, d) the mean over residues."""
        total = residues.new_zeros(batch["n_proteins"], self.dimension)
        total.index_add_(0, batch["residue_protein"], residues)
        return total / torch.bincount(batch["residue_protein"], minlength=batch["n_proteins"])[:, None]
