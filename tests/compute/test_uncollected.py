"""Imports without the collector of circular references."""

import gc

from alignscape.compute.uncollected import uncollected


def test_the_collector_rests_inside_and_works_afterwards() -> None:
    """What was made inside is not looked through later: it is no longer among what the collector knows."""
    with uncollected():
        assert not gc.isenabled()
        made = [[] for _ in range(10)]
    assert gc.isenabled()
    assert not {id(each) for each in gc.get_objects()} & {id(each) for each in made}
    gc.unfreeze()


def test_it_stays_off_where_it_was_off() -> None:
    gc.disable()
    try:
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
