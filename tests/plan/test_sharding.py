"""Shards stay what they are when other proteins come and go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignscape.plan.sharding import group_shards, hash_fraction, make_shards
from alignscape.proteins.ids import entry_of

IDS = {f"{n:04d}": "" for n in range(1000)}


def test_every_protein_is_in_exactly_one_shard_and_ids_are_sorted():
    shards = make_shards(IDS, prefix="s", shard_size=100)
    assert sorted(i for ids in shards.values() for i in ids) == sorted(IDS)
    assert all(ids == sorted(ids) for ids in shards.values())
    assert max(map(len, shards.values())) < 130


def test_adding_a_protein_renames_its_shard_only():
    before, after = (make_shards(ids, prefix="s", shard_size=100) for ids in (IDS, IDS | {"NEW1": ""}))
    renamed = set(after) - set(before)
    assert len(renamed) == 1
    assert "NEW1" in after[renamed.pop()]


def test_a_changed_file_renames_its_shard_only():
    before, after = (make_shards(ids, prefix="s", shard_size=100) for ids in (IDS, IDS | {"0007": "other"}))
    assert len(set(after) - set(before)) == 1


@given(st.integers(0, 2**32), st.text(min_size=1))
def test_the_hash_fraction_is_a_fraction(seed, id_):
    assert 0 <= hash_fraction(seed, id_) < 1


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_groups_cover_all_shards_in_order(size):
    shards = [f"s{n:04d}" for n in range(7)]
    assert [s for group in group_shards(shards, size).values() for s in group] == shards


def test_chains_of_one_entry_share_a_shard_with_it():
    """Its file is then downloaded and read by one job."""
    chains = {f"{entry}{chain}": "" for entry in IDS for chain in ("", ":A", ":B")}
    shards = make_shards(chains, prefix="s", shard_size=300).values()
    whole = make_shards(IDS, prefix="s", shard_size=100).values()
    assert len(whole) == 16
    assert [{entry_of(id_) for id_ in ids} for ids in shards] == [set(ids) for ids in whole]
