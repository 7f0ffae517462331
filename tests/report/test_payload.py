"""What the page's script reads is whole, small and harmless."""

import base64
import gzip
import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alignscape.report.payload import MISSING, STEPS, embed_json, pack, pack_scores, protein_columns
from tests.helpers.made_study import made_study

words = st.text(alphabet=st.characters(exclude_categories=("Cs",)))


@given(st.dictionaries(words, words))
def test_embedded_json_cannot_end_its_script(value: dict[str, str]) -> None:
    """No `<`, so no `</script>` and no `<!--`; and it is read back unchanged."""
    text = embed_json(value | {"x": "</script><!--<script>"})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == value | {"x": "</script><!--<script>"}


def test_scores_are_kept_to_their_rounding() -> None:
    """Unpacked scores differ by half a step at most; None comes back as missing."""
    scores = np.random.default_rng(0).uniform(-1, 1, 500)
    numbers = np.frombuffer(base64.b64decode(pack_scores([*scores, None, 1.0, -1.0])), "<i2")
    assert np.abs(numbers[:500] / STEPS - scores).max() <= 0.5 / STEPS + 1e-12
    assert numbers[500:].tolist() == [MISSING, STEPS, -STEPS]


def test_every_protein_is_there_once_with_its_scores() -> None:
    """Tested, set aside and lost ones; a score is at its protein's place."""
    results = made_study(60)
    columns = protein_columns(results)
    ids = columns["columns"]["id"]
    assert ids == sorted({*(f["id"] for f in results.facts), *(r["id"] for r in results.ledger)})
    assert {len(c) for c in columns["columns"].values()} == {len(ids)}
    row = results.rows("proteins")[7]
    label = columns["pairs"][3]["label"]
    packed = np.frombuffer(base64.b64decode(columns["scores"][3]), "<i2")
    assert packed[ids.index(row["id"])] == round(row[label] * STEPS)
    lost = ids.index("142D")
    assert packed[lost] == MISSING
    assert columns["columns"]["lost"][lost] == ["parse: no polypeptide chain"]


def test_packed_columns_are_read_back_and_always_the_same_bytes() -> None:
    """Gzip without a time stamp."""
    value = protein_columns(made_study(30, nasty=True))
    assert json.loads(gzip.decompress(base64.b64decode(pack(value)))) == value
    assert pack(value) == pack(protein_columns(made_study(30, nasty=True)))
