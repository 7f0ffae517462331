"""Imports without the collector of circular references."""

import gc
from collections.abc import Iterator

import pytest

from alignscape.compute.own_process import own_process
from alignscape.compute.uncollected import uncollected


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_the_collector_rests_inside_and_works_afterwards() -> None:
    """What was made inside is not looked through later: it is no longer among what the collector knows."""
    with own_process(), uncollected("not.there"):
        assert not gc.isenabled()
        made = [[] for _ in range(10)]
    assert gc.isenabled()
    assert not {id(each) for each in gc.get_objects()} & {id(each) for each in made}


def test_it_goes_on_in_a_process_of_someone_else_and_where_the_module_is_there() -> None:
    before = gc.get_freeze_count()
    with uncollected("not.there"):
        assert gc.isenabled()
    with own_process(), uncollected("gc"):
        assert gc.isenabled()
    assert gc.get_freeze_count() == before


def test_it_stays_off_where_it_was_off() -> None:
    gc.disable()
    try:
        with own_process(), uncollected("not.there"):
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
