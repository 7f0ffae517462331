"""Many pairs at once: nulls that hold what they say, families that count once, memory that is bounded."""

import importlib.util

import numpy as np
import pytest

from alignscape.alignment import gromov_wasserstein
from alignscape.alignment import screen as module
from alignscape.alignment.geometry import Geometry, gram
from alignscape.alignment.kernels import cknna, mutual_knn, unbiased_cka
from alignscape.alignment.measures import MEASURES
from alignscape.alignment.screen import one_of_each, screen
from alignscape.statistics.clusters import Clusters

EXCHANGED = [name for name in MEASURES if name != "gromov_wasserstein"]


@pytest.fixture(autouse=True)
def without_pot(monkeypatch):
    """Its descents have tests of their own."""
    monkeypatch.setattr(module, "has_pot", lambda: False)


def screened(rows, pairs, *, neighbours=5, exchanges=99, seed=0):
    n = len(next(iter(rows.values())))
    generator = np.random.default_rng(seed)
    return screen(pairs, rows.__getitem__, n=n, neighbours=neighbours, exchanges=exchanges, generator=generator)


def made_rows(n=60, seed=0):
    generator = np.random.default_rng(seed)
    text = generator.normal(size=(n, 12))
    noise = {f"g{k}": text[:, :8] + 0.8 * k * generator.normal(size=(n, 8)) for k in range(3)}
    return noise | {"t": text, "u": generator.normal(size=(n, 9))}


def test_every_pair_has_the_measures_of_its_own_rows():
    rows = made_rows()
    found = screened(rows, [("g1", "t"), ("g2", "u"), ("g1", "u")])
    assert list(found.pairs) == [("g1", "t"), ("g2", "u"), ("g1", "u")]
    for (structure, text), measures in found.pairs.items():
        kernels = gram(rows[structure]), gram(rows[text])
        assert list(measures) == EXCHANGED
        assert measures["mutual_knn"].value == pytest.approx(mutual_knn(*kernels, k=5))
        assert measures["cka"].value == pytest.approx(unbiased_cka(*kernels))
        assert measures["cknna"].value == pytest.approx(cknna(*kernels, k=5))
    assert set(found.dimensions) == {"g1", "g2", "t", "u"}
    assert screened(rows, [("g1", "t")], neighbours=30).neighbours == 15


def test_the_closer_copy_is_the_more_alike_by_every_measure():
    found = screened(made_rows(), [(f"g{k}", "t") for k in range(3)])
    for name in EXCHANGED:
        z = [measures[name].null.z for measures in found.pairs.values()]
        assert z == sorted(z, reverse=True)
        assert found.pairs["g0", "t"][name].null.p == 0.01


def test_z_of_unrelated_rows_is_about_normal_for_every_measure():
    """Over 150 pairs of noise: mean about 0, standard deviation about 1, p below .05 in about 5 %."""
    generator = np.random.default_rng(3)
    rows = {f"{side}{k}": generator.normal(size=(50, 10)) for side in "gt" for k in range(15)}
    pairs = [(f"g{i}", f"t{j}") for i in range(15) for j in range(10)]
    found = screened(rows, pairs)
    for name in EXCHANGED:
        z, p = np.array([(m[name].null.z, m[name].null.p) for m in found.pairs.values()]).T
        assert abs(z.mean()) < 0.35
        assert 0.8 < z.std() < 1.25
        assert (p <= 0.05).mean() < 0.13


def test_families_of_copies_count_once():
    """Rows that are noise but for a family of 60 near copies on both sides: taken one by one they seem alike."""
    generator = np.random.default_rng(4)
    families = Clusters.of([*range(40), *[40] * 60])
    rows = {name: generator.normal(size=(41, 10))[families.codes] for name in "gt"}
    rows = {name: values + 0.05 * generator.normal(size=values.shape) for name, values in rows.items()}
    inflated = screened(rows, [("g", "t")]).pairs["g", "t"]
    places = one_of_each(families, 1000, generator)
    assert len(places) == 41
    fair = screened({name: values[places] for name, values in rows.items()}, [("g", "t")]).pairs["g", "t"]
    for name in EXCHANGED:
        assert inflated[name].null.z > 2.8
        assert abs(fair[name].null.z) < 2


def test_of_many_clusters_a_sample_is_taken_sorted_and_each_member_may_be_drawn():
    families = Clusters.of([0, 0, 0, 1, 2, 3, 4, 5])
    drawn = [one_of_each(families, 4, np.random.default_rng(seed)) for seed in range(40)]
    assert all(len(set(families.codes[places])) == 4 and (np.diff(places) > 0).all() for places in drawn)
    assert set(np.concatenate(drawn)) == set(range(8))


def test_text_encoders_in_parts_change_no_number(monkeypatch):
    """And of a text encoder's rows no more are held than asked for at once."""
    rows, pairs = made_rows(), [("g1", "t"), ("g1", "u"), ("g2", "t"), ("g2", "u")]
    whole = screened(rows, pairs)
    monkeypatch.setattr(module, "_HELD", 1)
    monkeypatch.setattr(module, "_CELLS", 7000)
    assert screened(rows, pairs) == whole


def test_rotated_and_scaled_rows_have_the_same_measures():
    rows = made_rows()
    generator = np.random.default_rng(5)
    rotation = np.linalg.qr(generator.normal(size=(8, 8)))[0]
    rows["turned"] = generator.uniform(0.5, 2, (60, 1)) * (rows["g1"] @ rotation)
    found = screened(rows, [("g1", "t"), ("turned", "t")])
    first, second = ([m[name].value for name in EXCHANGED] for m in found.pairs.values())
    assert first == pytest.approx(second, rel=1e-6)
    assert found.dimensions["turned"] == pytest.approx(found.dimensions["g1"], rel=1e-6)


def test_without_its_package_gromov_wasserstein_alone_is_left_out(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(gromov_wasserstein.importlib.util, "find_spec", lambda name: None)
    assert list(screened(made_rows(), [("g1", "t")]).pairs["g1", "t"]) == EXCHANGED


def test_gromov_wasserstein_has_its_own_fewer_exchanges_and_changes_no_other_number(monkeypatch):
    without = screened(made_rows(), [("g0", "t")]).pairs["g0", "t"]
    monkeypatch.undo()
    if importlib.util.find_spec("ot") is None:
        pytest.skip("pot, an optional package, is not installed")
    measures = screened(made_rows(), [("g0", "t")]).pairs["g0", "t"]
    alone = measures.pop("gromov_wasserstein")
    assert measures == without
    assert (alone.null.exchanges, alone.null.p) == (39, 1 / 40)
    assert alone.null.z > 3


def test_gromov_wasserstein_s_p_of_unrelated_rows_is_rarely_low(monkeypatch):
    monkeypatch.undo()
    pytest.importorskip("ot", reason="pot, an optional package, is not installed")
    generator = np.random.default_rng(6)
    rows = {f"{side}{k}": generator.normal(size=(20, 10)) for side in "gt" for k in range(6)}
    found = screened(rows, [(f"g{i}", f"t{j}") for i in range(6) for j in range(6)], exchanges=19)
    p = np.array([measures["gromov_wasserstein"].null.p for measures in found.pairs.values()])
    assert (p <= 0.05).mean() < 0.2
    assert 0.3 < p.mean() < 0.7


def test_a_geometry_holds_what_the_memory_is_counted_by():
    """21 bytes for each pair of proteins: kernel, distances, ranks, neighbours."""
    geometry = Geometry.of(np.random.default_rng(0).normal(size=(50, 4)), 5)
    held = (geometry.kernel, geometry.distances, geometry.ranks, geometry.is_neighbour)
    assert sum(part.nbytes for part in held) == 21 * 50**2
