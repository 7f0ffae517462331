"""A model goes on the fewest GPUs that hold it and a fifth more."""

import pytest

from alignscape.encoders.text.placement import place

GB = 10**9


@pytest.mark.parametrize(
    ("needed", "free", "expected"),
    [
        (1, [48], {"device_map": {"": "cuda:0"}}),
        (60, [48], {"device_map": {"": "cuda:0"}}),  # too large: refused before, or by the GPU
        (1, [20, 48, 48, 10], {"device_map": {"": "cuda:1"}}),
        (40, [80, 80, 80, 80], {"device_map": {"": "cuda:0"}}),  # 70 billion weights in nf4
        (79, [80, 80, 80, 80], {"device_map": "auto", "max_memory": {0: 80, 1: 80}}),
        (141, [80, 79, 80, 80], {"device_map": "auto", "max_memory": {0: 80, 2: 80, 3: 80}}),
        (400, [80, 80], {"device_map": "auto", "max_memory": {0: 80, 1: 80}}),
    ],
)
def test_the_fewest_gpus_that_hold_the_model(needed: int, free: list[int], expected: dict[str, object]) -> None:
    if "max_memory" in expected:
        expected = expected | {"max_memory": {gpu: room * GB for gpu, room in expected["max_memory"].items()}}
    assert place(needed * GB, [room * GB for room in free]) == expected
