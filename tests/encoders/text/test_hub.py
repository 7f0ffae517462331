"""Models from the hub, against a server that answers as the hub does: what is there loads, what is not says why."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import huggingface_hub.constants
import numpy as np
import pytest

from alignscape.encoders.text.backbone import model_folder
from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.causal_lm.model import embed_texts
from alignscape.encoders.text.model_files import as_prepared
from alignscape.errors import UserError
from alignscape.storage.files import write_json
from alignscape.storage.hub import hub_folder
from tests.helpers.hub_server import COMMIT, GOOD_TOKEN, Hub, serve
from tests.helpers.tiny_models import TEXTS

IDS = [f"{n}ABC" for n in range(len(TEXTS))]


@pytest.fixture
def hub(tiny_model: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with a tiny Llama in it, an empty cache, and nobody logged in."""
    repository = tmp_path / "repository"
    shutil.copytree(tiny_model("llama"), repository)
    (repository / "pytorch_model.bin").write_bytes(b"a pickle that nobody should fetch")
    (repository / "original").mkdir()
    (repository / "original" / "consolidated.safetensors").write_bytes(b"a second copy of the weights")
    with serve() as server:
        server.repositories = {"tiny/llama": repository, "tiny/gated": repository}
        server.gated = {"tiny/gated"}
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
        yield server


def fetched(hub: Hub) -> set[str]:
    return {path.rpartition("/")[2] for method, path, _ in hub.requests if method == "GET" and "/resolve/" in path}


def test_hub_model_embeds_as_the_local_folder(hub: Hub, tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    """A hub id gives the rows of the folder that the hub holds, and the sidecar names the commit and checksum."""
    remote = embed_texts(CausalLm(name="m", model="tiny/llama"), IDS, TEXTS, cache_dir=tmp_path / "cache")
    local = embed_texts(CausalLm(name="m", model=str(tiny_model("llama"))), IDS, TEXTS, cache_dir=tmp_path / "cache")
    assert np.array_equal(remote[1], local[1])
    assert remote[3].sha256 == local[3].sha256
    assert remote[3].source == f"tiny/llama@{COMMIT}"


def test_only_safe_weights_are_fetched(hub: Hub) -> None:
    """No pickle, and no second copy of the weights."""
    folder = hub_folder("tiny/llama", revision=None)
    assert "model.safetensors" in fetched(hub)
    assert not fetched(hub) & {"pytorch_model.bin", "consolidated.safetensors"}
    assert not (folder / "pytorch_model.bin").exists()


def test_cut_download_goes_on_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    """A connection cut in the middle of the weights is resumed by a range request; the file is whole."""
    hub.cut = ["model.safetensors"]
    folder = hub_folder("tiny/llama", revision=None)
    assert (folder / "model.safetensors").read_bytes() == (tmp_path / "repository" / "model.safetensors").read_bytes()
    assert any(part for _, path, part in hub.requests if path.endswith("model.safetensors") and part)


def test_whole_copy_serves_without_a_hub(hub: Hub) -> None:
    """What was fetched once is used when the hub is down."""
    folder = hub_folder("tiny/llama", revision=None)
    hub.status = 503
    assert hub_folder("tiny/llama", revision=None) == folder


def refusal(model: str, *, revision: str | None = None) -> str:
    with pytest.raises(UserError) as caught:
        hub_folder(model, revision=revision)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_gated_model_without_token(hub: Hub) -> None:
    assert refusal("tiny/gated") == (
        f"model 'tiny/gated': it is gated: accept its licence at {hub.url}/tiny/gated, then set HF_TOKEN or run `hf auth login`"
    )


def test_gated_model_with_the_token_of_another(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    assert "the account of the token in use has no access: accept its licence at" in refusal("tiny/gated")


def test_gated_model_with_access(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", GOOD_TOKEN)
    assert (hub_folder("tiny/gated", revision=None) / "model.safetensors").is_file()


def test_missing_model(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub says 401 to strangers and 404 to those it knows; both mean the same here."""
    assert "has no such model; check the spelling, or it is private: then set HF_TOKEN" in refusal("tiny/absent")
    monkeypatch.setenv("HF_TOKEN", GOOD_TOKEN)
    assert "has no such model; check the spelling, or the token in use may not see it" in refusal("tiny/absent")


def test_missing_revision(hub: Hub) -> None:
    assert "it has no revision 'v9'; see" in refusal("tiny/llama", revision="v9")


def test_bad_token(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_expired")
    assert "does not accept the token (401); renew HF_TOKEN" in refusal("tiny/llama")


def test_hub_out_of_order(hub: Hub) -> None:
    hub.status = 500
    assert "cannot be reached" in refusal("tiny/llama")


def test_hub_out_of_reach(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "cannot be reached and no whole copy is cached" in refusal("tiny/llama")


def test_a_hub_that_drips_its_answer_is_not_waited_for(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alignscape.storage.hub._PATIENCE", 0.5)
    hub.drip = True
    began = time.monotonic()
    assert f"the hub at {hub.url} sends next to nothing; start again later" in refusal("tiny/llama")
    assert time.monotonic() - began < 5
    hub.drip = False  # the thread that still waits for it ends


def test_a_process_ends_though_threads_of_a_download_wait_for_a_file_that_drips() -> None:
    """The client fetches files in a pool of threads, for which Python waits at its end."""
    program = (
        "import threading; from concurrent.futures import ThreadPoolExecutor; from alignscape.storage import hub\n"
        "def download():\n    with ThreadPoolExecutor(2) as pool:\n        list(pool.map(threading.Event().wait, [600]))\n"
        "hub._PATIENCE = 0.2\ntry:\n    hub._watched(download, 'tiny/llama')\nexcept hub._Silence:\n    print('silence')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("silence\n", 0)


def test_no_hub_id_at_all(hub: Hub) -> None:
    assert "neither a local folder nor a hub id" in refusal("not a model")


def test_repository_without_safe_weights(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "repository" / "model.safetensors").unlink()
    assert "has no .safetensors weights" in refusal("tiny/llama")


def test_a_password_in_the_hubs_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """HF_ENDPOINT stands in messages and logs, so one with a password is refused without repeating it."""
    monkeypatch.setenv("HF_ENDPOINT", "https://user:hunter2@hub.example.org")
    with pytest.raises(UserError, match="HF_ENDPOINT: the URL holds a user name or a password") as refusal:
        hub_folder("tiny/llama", revision=None)
    assert "hunter2" not in str(refusal.value)


def test_a_commit_that_was_fetched_whole_needs_no_hub(hub: Hub, tmp_path: Path) -> None:
    """The commit that `prepare_model` noted is read without one request; what is gone since is asked for again."""
    block, note = CausalLm(name="m", model="tiny/llama"), tmp_path / "note.json"
    folder = model_folder(block, cache_dir=tmp_path / "cache")
    write_json(note, {"folder": str(folder)})
    asked = len(hub.requests)
    prepared = as_prepared(block, note)
    assert prepared.revision == COMMIT
    assert model_folder(prepared, cache_dir=tmp_path / "cache") == folder
    assert len(hub.requests) == asked
    (folder / "tokenizer.json").unlink()
    assert model_folder(prepared, cache_dir=tmp_path / "cache") == folder
    assert (folder / "tokenizer.json").is_file()
    assert len(hub.requests) > asked


def test_a_local_folder_is_prepared_as_it_is(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    block, note = CausalLm(name="m", model=str(tiny_model("llama"))), tmp_path / "note.json"
    write_json(note, {"folder": str(model_folder(block, cache_dir=tmp_path))})
    assert as_prepared(block, note) == block
