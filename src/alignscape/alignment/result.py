"""What one trained pair leaves behind: per-protein scores by split and seed, and their summary."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..config.study import Variant
from ..storage.files import read_json, read_npz, write_json, write_npz

Floats = NDArray[np.float32]
_PLACES = "places"  # in the file, of a split's columns among the ids


@dataclass(frozen=True, eq=False)
class SplitScores:
    """Scores of one pair under one split. s seeds, u untrained draws, n proteins of the study's ID list.

    A value is NaN where the protein was not tested. Under k-fold every protein outside `encoder_training` is tested
    exactly once, against the other test proteins of its own fold.
    """

    score: Floats  # (s, n) S_ii of trained heads, the protein's alignment score
    negative: Floats  # (s, n) mean over the other test proteins j of |S_ij|
    negative_signed: Floats  # (s, n) mean over the other test proteins j of S_ij
    negative_of_text: Floats  # (s, n) mean over the other test proteins j of |S_ji|
    negative_signed_of_text: Floats  # (s, n) mean over the other test proteins j of S_ji
    rank_of_text: Floats  # (s, n) mid-rank (1 = best) of the own text among the test texts, for each structure
    rank_of_structure: Floats  # (s, n) mid-rank of the own structure among the test structures, for each text
    ties_of_text: Floats  # (s, n) other test texts as similar to the structure as its own
    ties_of_structure: Floats  # (s, n) other test structures as similar to the text as its own
    untrained_score: Floats  # (u, n)
    untrained_negative: Floats  # (u, n)
    untrained_negative_signed: Floats  # (u, n)
    untrained_negative_of_text: Floats  # (u, n)
    untrained_negative_signed_of_text: Floats  # (u, n)
    pool: NDArray[np.int32]  # (n,) test proteins it was ranked among, itself included; 0 if not tested
    summary: dict[str, Any] = field(default_factory=dict)  # JSON-able: score, ci, null, effective rank, losses ...


@dataclass(frozen=True, eq=False)
class PairResult:
    """One (GDM, LLM, variant): everything the analyses read.

    On the disk only tested proteins have columns, under 80/10/10 splits a tenth of all; so has a result that was loaded.
    """

    structure_encoder: str
    language_model: str
    variant: str  # what its heads are called
    settings: Variant  # what they are
    ids: list[str]  # (n,) the study's shared ID list, sorted; of a loaded result those that some split tests
    splits: dict[str, SplitScores]
    places: dict[str, NDArray[np.int64]] = field(
        default_factory=dict
    )  # by split, of which ids its columns are; all if absent

    def ids_of(self, split: str) -> NDArray[np.str_]:
        """(m,) the proteins that the columns of a split are of, sorted."""
        ids = np.asarray(self.ids, dtype="U")
        return ids[self.places[split]] if split in self.places else ids

    def save(self, path: str | Path) -> None:
        """`path` (.npz) holds the arrays of the tested proteins, the same name with .json the names, settings and summaries."""
        own = {split: self.ids_of(split)[scores.pool > 0] for split, scores in self.splits.items()}
        ids = np.unique(np.concatenate([*own.values(), np.empty(0, "U1")]))
        arrays: dict[str, NDArray[Any]] = {"ids": ids}
        for split, scores in self.splits.items():
            arrays[f"{split}/{_PLACES}"] = np.searchsorted(ids, own[split])
            values = {name: value for name, value in vars(scores).items() if name != "summary"}
            arrays |= {f"{split}/{name}": value[..., scores.pool > 0] for name, value in values.items()}
        write_npz(path, arrays)
        about = {k: getattr(self, k) for k in ("structure_encoder", "language_model", "variant")}
        about |= {"settings": self.settings.model_dump(mode="json")}
        write_json(Path(path).with_suffix(".json"), about | {"splits": {k: v.summary for k, v in self.splits.items()}})

    @classmethod
    def load(cls, path: str | Path) -> "PairResult":
        """What `save` wrote."""
        arrays, meta = read_npz(path), read_json(Path(path).with_suffix(".json"))
        summaries, settings = meta.pop("splits"), Variant(**meta.pop("settings"))
        of = {s: {k.partition("/")[2]: v for k, v in arrays.items() if k.startswith(f"{s}/")} for s in summaries}
        places = {split: values.pop(_PLACES) for split, values in of.items() if _PLACES in values}
        splits = {split: SplitScores(**of[split], summary=summary) for split, summary in summaries.items()}
        return cls(settings=settings, ids=arrays["ids"].tolist(), splits=splits, places=places, **meta)
