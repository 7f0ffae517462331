"""A config error is one line that names the key, what was found and what is allowed."""

from pathlib import Path

import pytest
import yaml

from alignscape.config.load import load, parse
from alignscape.config.reference import reference
from alignscape.config.schema import proteins_schema
from alignscape.config.study import SHARED_FOLDERS
from alignscape.errors import UserError
from tests.helpers.every_encoder import structure_blocks

GEARNET = {"encoder": "gearnet", "name": "gearnet"}
SMOLLM = {"name": "smollm2", "model": "registry:smollm2-135m"}


def study(**changes):
    return {"structure_encoders": [GEARNET], "language_models": [SMOLLM]} | changes


def test_the_embedded_config_and_the_papers_are_valid():
    assert load("config/config.yaml").study == "demo"
    assert load("config/paper.yaml").study == "paper"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"aligment": {}}, "unknown key: 'aligment' is not one of .*; did you mean 'alignment'"),
        ({"structure_encoders": [GEARNET | {"hiden": [64]}]}, "'hiden' is not one of .*did you mean 'hidden'"),
        (
            {"structure_encoders": [GEARNET | {"encoder": "gearnett"}]},
            "'gearnett' is not one of .*did you mean 'gearnet'",
        ),
        ({"structure_encoders": [GEARNET | {"weights": "cora"}]}, r"structure_encoders\[0\].weights: 'cora'"),
        ({"structure_encoders": [GEARNET, GEARNET]}, "the name 'gearnet' is given to more than one encoder"),
        ({"language_models": [{"name": "x"}]}, r"language_models\[0\].model is missing"),
        ({"language_models": []}, "language_models: list should have at least 1 item"),
        ({"seed": "many"}, "seed: input should be a valid integer.*found 'many'"),
        ({"fine_tuning": [{"name": "t", "base": "smolm2"}]}, "'smolm2' is not one of smollm2; did you mean 'smollm2'"),
        ({"proteins": {"source": "directory"}}, "`source: directory` needs `directory`"),
        ({"alignment": {"splits": ["rando"]}}, "did you mean 'random'"),
        (
            {"alignment": {"method_models": ["smolm2"]}},
            "method_models: 'smolm2' is not one of smollm2; did you mean 'smollm2'",
        ),
        ({"alignment": {"depth_models": ["smolm2"]}}, "depth_models: 'smolm2' .*; did you mean 'smollm2'"),
        ({"alignment": {"method_encoders": ["gearnt"]}}, "method_encoders: 'gearnt' .*; did you mean 'gearnet'"),
        (
            {"alignment": {"methods": {"layers2": {"loss": "symmetric"}}}},
            "alignment.methods.layers2: found loss: symmetric, but the study's own heads of that name have layers: 2; "
            "give the method another name",
        ),
        (
            {"alignment": {"methods": {"layers1": {"layers": 2}}, "layers": [2]}},
            "alignment.methods.layers1: found layers: 2, but .* have the default settings",
        ),
        (
            {
                "alignment": {"methods": {"pca32": {"structure_pca": 32, "layers": 2}}},
                "dimension_ladder": {"base": GEARNET | {"name": "ladder"}, "hidden": [[64], [32]], "pca": [32]},
            },
            "alignment.methods.pca32: found layers: 2, structure_pca: 32, but .* have structure_pca: 32",
        ),
        ({"alignment": {"layers": [1, 4]}}, r"alignment.layers\[1\]: input should be less than or equal to 3, found 4"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(changes, message):
    with pytest.raises(UserError, match=message) as caught:
        parse(study(**changes), path="my.yaml")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("my.yaml: ")


def test_a_missing_or_broken_file_is_one_line(tmp_path):
    with pytest.raises(UserError, match="there is no such config file"):
        load(tmp_path / "absent.yaml")
    (tmp_path / "broken.yaml").write_text("a: [1\nb: 2")
    with pytest.raises(UserError, match="not valid YAML") as caught:
        load(tmp_path / "broken.yaml")
    assert "\n" not in str(caught.value)


def test_the_ladder_and_fine_tuning_make_blocks_of_their_own():
    parsed = parse(
        study(
            dimension_ladder={"base": GEARNET, "hidden": [[64], [64, 64]]},
            fine_tuning=[{"name": "tuned", "base": "smollm2"}],
        )
    )
    assert [e.name for e in parsed.all_structure_encoders] == ["gearnet", "gearnet-64", "gearnet-128"]
    assert [m.role for m in parsed.all_language_models] == ["main", "fine_tuned"]


def test_the_reference_in_the_repository_is_current():
    with open("config/README.md", encoding="utf-8") as handle:
        assert handle.read() == reference(), "run: alignscape config-reference > config/README.md"


@pytest.mark.parametrize("name", [*SHARED_FOLDERS, "Proteins"])
def test_a_study_is_not_called_like_a_folder_of_all_studies(name):
    """Its results would lie among everybody's, and `clean-stale` would take them for stale ones."""
    with pytest.raises(UserError, match=rf"study: '{name}' is the name of a folder that all studies share"):
        parse(
            {
                "study": name,
                "structure_encoders": [{"name": "g", "encoder": "gat"}],
                "language_models": [{"name": "m", "model": "m"}],
            }
        )


def test_a_key_of_any_encoders_block_is_named_without_the_word_that_chose_the_block():
    for block in structure_blocks():
        with pytest.raises(UserError, match=r"\(at structure_encoders\[0\]\.no_such_key\)"):
            parse(study(structure_encoders=[block.model_dump(mode="json") | {"no_such_key": 1}]))
    for word, needed in (("causal_lm", {"model": "m"}), ("tfidf", {}), ("precomputed", {"rows": "r.npz"})):
        with pytest.raises(UserError, match=r"\(at language_models\[0\]\.no_such_key\)"):
            parse(study(language_models=[{"encoder": word, "name": "e", "no_such_key": 1} | needed]))


def test_half_a_character_is_one_line(tmp_path):
    """YAML can spell what no file can hold; it is said before anything is written."""
    (tmp_path / "half.yaml").write_text('title: "\\ud800"\n' + yaml.safe_dump(study()))
    with pytest.raises(UserError, match=r"half\.yaml: holds half a character, \\ud800, which no file can hold"):
        load(tmp_path / "half.yaml")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://user:hunter2@example.org", "holds a user name or a password"),
        ("https://hunter2@example.org", "holds a user name or a password"),
        ("file:///hunter2", "this is no URL of a server"),
        ("hunter2", "this is no URL of a server"),
        ("http://[hunter2", "this is no URL"),
    ],
)
def test_a_url_has_a_server_and_no_secret(url, said):
    """What is wrong with a URL is said without repeating it, for every URL of a config."""
    study = {"structure_encoders": [{"name": "g", "encoder": "gat"}], "language_models": [{"name": "m", "model": "m"}]}
    blocks = [{"text": {"openai": {"base_url": url}}}]
    keys = [(w, key) for w, kind in proteins_schema().sources.items() for key in kind.model_fields if "url" in key]
    assert {word for word, _ in keys} >= {"rcsb", "alphafold_db"}
    blocks += [{"proteins": {word: {key: url}}} for word, key in keys]
    for block in blocks:
        with pytest.raises(UserError, match=said) as refusal:
            parse(study | block)
        assert "hunter2" not in str(refusal.value)
        assert "\n" not in str(refusal.value)


def test_a_config_that_is_a_folder_or_not_utf8_is_one_line(tmp_path):
    (tmp_path / "latin.yaml").write_bytes(b"study: l\xe9\n")
    with pytest.raises(UserError, match=r"latin\.yaml: not UTF-8 at byte 8; save it as UTF-8"):
        load(tmp_path / "latin.yaml")
    with pytest.raises(UserError, match=r"cannot be read: Is a directory; expected a config file"):
        load(tmp_path)


def test_the_ready_blocks_are_blocks():
    """Each is accepted by the schema, says what its rows are as far as that is known, and has a name of its own."""
    ready = yaml.safe_load(Path("config/encoders.yaml").read_text(encoding="utf-8"))
    parsed = parse(study(**ready))
    assert len(parsed.structure_encoders) == len(ready["structure_encoders"]) >= 10
    assert {"protein_lm", "saprot", "3di"} == {block.encoder for block in parsed.structure_encoders}
