"""Weights that ship: each fits its encoder and its card, what does not fit says which key, and nothing of the demo was seen."""

import gzip
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from alignscape.alignment.relatives import find_relatives
from alignscape.commands.doctor import Check, _structure_weights
from alignscape.config.encoders import Pretraining
from alignscape.config.load import parse
from alignscape.descriptions.reference_texts import read_reference_texts
from alignscape.encoders.structure.gearnet.block import GearNet
from alignscape.encoders.structure.registry import blocks
from alignscape.encoders.structure.shipped import Shipped, seen_sequences, shipped_weights, sizes_of
from alignscape.encoders.structure.weights import initialise, load_weights, state_sha256
from alignscape.errors import UserError
from alignscape.plan.plan import Plan
from alignscape.plan.snapshot import Inputs
from alignscape.proteins.parse_shard import parse_located
from alignscape.proteins.sources.source import Located
from alignscape.storage.files import read_json, sha256_file

ROOT = Path(__file__).parents[3]
HOME = ROOT / "src/alignscape/encoders/structure"
CARDS = sorted(HOME.glob("*/shipped/*.json"))


def block_of(card: dict) -> BaseModel:
    kind = next(b for b in blocks(plugins=False) if b.model_fields["encoder"].annotation.__args__ == (card["encoder"],))
    pretraining = Pretraining(task=card["task"])
    return kind(name="e", encoder=card["encoder"], weights="shipped", pretraining=pretraining, **card["sizes"])


FIRST = [path for path in CARDS if read_json(path)["training"] == 1]
RECOVERY = GearNet(name="g", encoder="gearnet", weights="shipped", hidden=[128, 128, 128])


@pytest.mark.parametrize("path", FIRST, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_each_fits_its_encoder_and_its_card(path):
    """Loaded weights are those of the file, other than fresh ones, and the sidecar says `shipped` and what was measured."""
    card = read_json(path)
    block = block_of(card)
    encoder = initialise(block, 42)
    fresh = state_sha256(encoder.state_dict())
    info = load_weights(encoder, block, cache_dir=Path("none"), seed=42)
    assert (info.state, info.sha256) == ("shipped", sha256_file(path.with_suffix(".safetensors")))
    assert state_sha256(encoder.state_dict()) != fresh
    assert info.card["metrics"] == card["metrics"]
    assert list(seen_sequences([block])) == sorted(card["seen"]["ids"])
    assert not {*card["seen"]["ids"]} & {*card["held_out"]}


def test_all_of_them_are_small_and_without_pickle():
    files = [path for path in HOME.glob("*/shipped/*") if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".gz", ".safetensors"}
    assert sum(path.stat().st_size for path in files) < 15_000_000


def test_training_on_many_teaches_more_than_training_on_21():
    """On the same held-out proteins: residue recovery's gain over composition in nats."""
    for card in map(read_json, FIRST):
        if card["task"] == "residue_recovery":
            assert card["metrics"]["residues"] == card["trained_on_few"]["metrics"]["residues"]
            assert card["metrics"]["gain_in_nats"] > card["trained_on_few"]["metrics"]["gain_in_nats"]


def test_sizes_that_were_not_trained_name_the_key():
    with pytest.raises(UserError, match=r"g: hidden is \[64, 64\]; the shipped weights of gearnet .* have \[128"):
        shipped_weights(RECOVERY.model_copy(update={"hidden": [64, 64]}))
    enzymes = block_of({"encoder": "gat", "task": "enzyme_commission", "sizes": {}})
    with pytest.raises(UserError, match=r"pretraining.task enzyme_commission, alignscape ships only for .*recovery"):
        shipped_weights(enzymes)


def test_the_sizes_of_a_block_are_its_whole_numbers():
    assert sizes_of(RECOVERY) == {"hidden": [128, 128, 128]}
    assert sizes_of(block_of({"encoder": "gvp", "task": "residue_recovery", "sizes": {}})) == {}


def test_a_changed_file_is_refused(tmp_path):
    path = shipped_weights(RECOVERY).card_file
    for suffix in (".json", ".safetensors", ".fasta.gz"):
        shutil.copy(path.with_suffix(suffix), tmp_path)
    copied = Shipped(tmp_path / path.name, read_json(path))
    assert copied.checked("seen").is_file()
    copied.weights.write_bytes(copied.weights.read_bytes()[:-1])
    with pytest.raises(UserError, match=r"expected sha256 [0-9a-f]{64}, found [0-9a-f]{64}; install"):
        copied.checked("weights")
    gone = replace(copied, card=copied.card | {"seen": {"file": "gone.gz", "sha256": "0" * 64}})
    with pytest.raises(UserError, match="found no such file"):
        gone.checked("seen")


@pytest.mark.slow
def test_nothing_that_was_learned_from_is_related_to_a_protein_of_the_demo():
    """By the search and the limits of a study's clusters, so that the demo tests all its proteins."""
    files = sorted((ROOT / "data/demo/structures").iterdir())
    parsed, lost = parse_located({p.name.split(".")[0].upper(): Located(p, None, "") for p in files})
    assert (len(parsed), lost) == (85, [])
    sequences = {facts.id: [e.sequence for e in facts.polypeptides] for _, facts in parsed}
    seen = seen_sequences(block_of(read_json(path)) for path in FIRST)
    texts = read_reference_texts(ROOT / "data/demo/reference_texts.tsv")
    assert len(texts) == 500
    seen |= {f"{one.id}-text": list(one.sequences) for one in texts}
    assert find_relatives(sequences, seen, identity=0.3, coverage=0.5) == {}
    relative = {"9XYZ": [sequences["1CRN"][0]]}
    assert {one.seen for one in find_relatives(sequences, relative, identity=0.3, coverage=0.5).values()} == {"9XYZ"}


def test_the_lists_that_the_trainings_were_made_from_hold_what_was_seen():
    for card in map(read_json, CARDS):
        listed = (ROOT / "tools/shipped_weights" / f"{card['task']}.txt").read_text().split()
        assert {*card["seen"]["ids"], *card["held_out"]} <= {*listed}


def test_sequences_are_packed_alike_each_time():
    """No time of packing in the file: the same list gives the same checksum."""
    path = shipped_weights(RECOVERY).checked("seen")
    assert gzip.compress(gzip.decompress(path.read_bytes()), mtime=0) == path.read_bytes()


def test_the_plan_knows_shipped_weights_by_their_checksum_and_looks_for_relatives_of_what_they_saw():
    """Another file would be another path; nothing is trained here, and a study without them has other clusters."""

    def plan_of(weights: str) -> Plan:
        encoder = {"name": "g", "encoder": "gearnet", "hidden": [128, 128, 128], "weights": weights}
        study = {"structure_encoders": [encoder], "language_models": [{"name": "words", "encoder": "tfidf"}]}
        return Plan(parse(study), Inputs({"1ABC": "x"}, []))

    shipped, random = plan_of("shipped"), plan_of("random")
    assert shipped.trained_encoders == []
    assert shipped.embedding_digest("g") != random.embedding_digest("g")
    assert shipped.cluster_digest != random.cluster_digest
    assert shipped._weights_used(shipped.structure_blocks["g"]) == shipped_weights(RECOVERY).sha256


def test_the_doctor_says_where_they_are_from_or_which_key_is_wrong():
    def check(hidden: list[int]) -> Check:
        encoder = {"name": "g", "encoder": "gearnet", "hidden": hidden, "weights": "shipped"}
        study = parse({"structure_encoders": [encoder], "language_models": [{"name": "words", "encoder": "tfidf"}]})
        return _structure_weights(study, "g")

    assert check([128, 128, 128]) == Check("weights of g", "ok", "shipped with alignscape")
    wrong = check([8])
    assert wrong.outcome == "failure"
    assert "hidden is [8]" in wrong.found
