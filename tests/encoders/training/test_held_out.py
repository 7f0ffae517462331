"""Proteins kept back to measure on are whole families, the same ones in any order."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from alignscape.encoders.training.held_out import families, hold_out
from alignscape.errors import UserError
from alignscape.proteins.ids import entry_of
from tests.helpers.made_proteins import made_structure, mutated


def proteins():
    ancestors = [made_structure(120, seed=seed, id=f"F{seed}") for seed in range(6)]
    return ancestors + [mutated(s, identity=0.6, seed=i) for i, s in enumerate(ancestors[:3])]


def test_relatives_are_one_family_and_strangers_are_not():
    assert families(proteins()).tolist() == [0, 1, 2, 3, 4, 5, 0, 1, 2]


def test_no_family_is_on_both_sides():
    structures = proteins()
    family = families(structures)
    for seed in range(10):
        kept, held = hold_out(structures, share=0.4, seed=seed)
        assert sorted(kept + held) == list(range(9))
        assert not set(family[kept]) & set(family[held])
        assert sum(structures[i].n_residues for i in held) <= 0.4 * 9 * 120


def test_the_order_of_the_proteins_does_not_matter():
    structures = proteins()
    _, held = hold_out(structures, share=0.4, seed=1)
    _, held_of_reversed = hold_out(structures[::-1], share=0.4, seed=1)
    assert {structures[i].id for i in held} == {structures[::-1][i].id for i in held_of_reversed}


def test_something_is_kept_back_even_if_every_family_is_too_large():
    structures = [made_structure(n, seed=n, id=str(n)) for n in (200, 100)]
    kept, held = hold_out(structures, share=0.1, seed=0)
    assert [structures[i].id for i in held] == ["100"]
    assert len(kept) == 1


def test_one_family_alone_is_refused():
    structure = made_structure(120)
    with pytest.raises(UserError, match="2 proteins of one family"):
        hold_out([structure, mutated(structure, identity=0.9, seed=1)], share=0.2, seed=0)


def test_long_strangers_share_words_by_chance_only():
    long = [made_structure(1500, seed=seed, id=str(seed)) for seed in range(3)]
    assert len(np.unique(families(long))) == 3


def test_chains_of_one_entry_are_one_family():
    """However little their sequences have in common; and the same chains as entries of their own are not."""
    chains = [made_structure(100, seed=seed, id=f"{seed // 2}ABC:{'AB'[seed % 2]}") for seed in range(6)]
    assert families(chains).tolist() == [0, 0, 1, 1, 2, 2]
    assert len(np.unique(families([replace(c, id=c.id.replace(":", "_")) for c in chains]))) == 6
    for seed in range(10):
        kept, held = hold_out(chains, share=0.4, seed=seed)
        assert not {entry_of(chains[i].id) for i in kept} & {entry_of(chains[i].id) for i in held}


def test_families_do_not_depend_on_how_many_are_compared_at_once(monkeypatch):
    """One protein at a time, seven, or all: a chain of relatives, in mixed order, is one family."""
    chain = [made_structure(90, seed=50, id="C0")]
    for step in range(1, 12):
        chain.append(replace(mutated(chain[-1], identity=0.8, seed=step), id=f"C{step}"))
    structures = [*proteins(), *chain]
    order = np.random.default_rng(0).permutation(len(structures))
    mixed = [structures[i] for i in order]
    found = {}
    for pairs in (1, 7 * len(mixed), 1_000_000):
        monkeypatch.setattr("alignscape.encoders.training.held_out._PAIRS", pairs)
        found[pairs] = families(mixed).tolist()
    assert found[1] == found[7 * len(mixed)] == found[1_000_000]
    assert len({found[1][place] for place, i in enumerate(order) if i >= 9}) == 1
    assert max(found[1]) == 6


def test_memory_of_families_is_linear_in_their_number():
    """2,000 strangers of 150 residues share a word in a fifth of all pairs; twice as many take twice the memory, not four times."""
    types = np.random.default_rng(0).integers(0, 20, (2000, 150)).astype(np.int8)
    made = made_structure(150)
    strangers = [replace(made, id=str(i), residue_type=row) for i, row in enumerate(types)]
    peaks = []
    for n in (1000, 2000):
        tracemalloc.start()
        families(strangers[:n])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2.5 * peaks[0]
