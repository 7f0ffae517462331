"""A tokenizer in a process beside this one makes the tokens that it makes here."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alignscape.commands.head_start import begin_model
from alignscape.compute.own_process import own_process
from alignscape.encoders.text import tokens_beside
from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.model_files import read_card
from alignscape.encoders.text.special_tokens import load_encode
from alignscape.encoders.text.tokens_beside import begin_tokens, begun_tokens
from alignscape.errors import UserError
from tests.helpers.tiny_models import TEXTS

ODD = [*TEXTS, "", "\u2028 two\nlines", "<bos>α\U0001f9ec", "<|endoftext|>"]


@pytest.mark.parametrize("model", ["smollm2-135m", pytest.param("gemma3-270m", marks=pytest.mark.slow)])
def test_the_tokens_are_the_same(model: str, registry_folder: Callable[[str], Path], cache_dir: Path) -> None:
    folder = registry_folder(model)
    here = load_encode(folder)(ODD)
    with own_process():
        begin_model(CausalLm(name="any", model=f"registry:{model}"), cache_dir=cache_dir)
    assert list(tokens_beside._begun) == [read_card(folder)["sha256"]]
    assert load_encode(folder)(ODD) == here
    assert tokens_beside._begun == {}  # that was asked, and nothing is left over


def test_nothing_begins_in_a_process_that_is_not_ours_or_for_a_model_that_is_not_there(
    cache_dir: Path, tmp_path: Path
) -> None:
    block = CausalLm(name="any", model="registry:smollm2-135m")
    begin_model(block, cache_dir=cache_dir)
    with own_process():
        begin_model(block, cache_dir=tmp_path)
        begin_model(CausalLm(name="any", model="owner/name"), cache_dir=cache_dir)
    assert tokens_beside._begun == {}


def test_a_file_that_it_cannot_read_is_left_to_this_process(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    begin_tokens(tmp_path / "tokenizer.json", "checksum")
    assert begun_tokens("checksum") is None
    assert begun_tokens("another") is None


def test_an_ended_process_is_one_line(registry_folder: Callable[[str], Path]) -> None:
    begin_tokens(registry_folder("smollm2-135m") / "tokenizer.json", "checksum")
    beside = tokens_beside._begun["checksum"]
    tokens = begun_tokens("checksum")
    assert tokens is not None
    beside.process.kill()
    beside.process.wait()
    with pytest.raises(UserError, match="was ended; run the command again"):
        tokens(["a"], True)
