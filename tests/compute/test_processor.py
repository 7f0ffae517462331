"""Which kind of processor this is."""

import pytest

from alignscape.compute.processor import kind, kind_of

AVX2 = {"avx2", "fma"}
AVX512 = AVX2 | {"avx512f", "avx512dq", "avx512bw", "avx512vl"}


@pytest.mark.parametrize(
    ("maker", "features", "at_most", "expected"),
    [
        ("AuthenticAMD", AVX512, "", "AMD AVX-512"),
        ("AuthenticAMD", AVX512, "avx2", "AMD AVX2"),
        ("AuthenticAMD", AVX512, "default", "other"),
        ("GenuineIntel", AVX2, "", "Intel AVX2"),
        ("GenuineIntel", AVX512 - {"avx512vl"}, "", "Intel AVX2"),
        ("GenuineIntel", set(), "", "other"),
        ("HygonGenuine", AVX512, "", "other"),
    ],
)
def test_a_kind_is_a_maker_and_the_widest_instructions(maker, features, at_most, expected):
    assert kind_of(maker, features, at_most=at_most) == expected


def test_it_is_what_torch_makes_use_of():
    import torch

    widest = {"AVX512": "AVX-512", "AVX2": "AVX2"}.get(torch.backends.cpu.get_cpu_capability())
    if kind() == "other" or "arm64" in kind():
        assert widest is None or kind() == "other"
    else:
        assert kind().endswith(str(widest))
