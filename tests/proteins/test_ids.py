"""Ids that name chains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignscape.proteins.ids import chains_of, entry_of, id_of_chains


def test_an_id_says_its_entry_and_its_chains():
    assert [entry_of(id_) for id_ in ("4HHB", "4HHB:A", "4HHB:A,B")] == ["4HHB"] * 3
    assert [chains_of(id_) for id_ in ("4HHB", "4HHB:", "4HHB:a", "4HHB:B,A,B")] == [(), (), ("a",), ("A", "B")]


def test_the_order_of_chains_makes_no_other_protein():
    assert id_of_chains("4HHB", "BA") == id_of_chains("4HHB", ["A", "B", "A"]) == "4HHB:A,B"
    assert id_of_chains("4HHB", []) == "4HHB"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_whatever_chains_are_called_their_id_gives_them_back(chains):
    id_ = id_of_chains("4HHB", chains)
    assert entry_of(id_) == "4HHB"
    assert chains_of(id_) == tuple(sorted(set(chains)))
    assert id_.isascii()
    assert id_.isprintable()
    assert " " not in id_


@pytest.mark.parametrize("name", ["A,B", "A B", "50%", "α"])
def test_a_name_that_would_be_read_as_something_else_is_written_as_in_urls(name):
    assert "%" in id_of_chains("4HHB", [name])
