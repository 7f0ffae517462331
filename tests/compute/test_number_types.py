"""The number type follows from what a device can do, and from nothing else."""

import subprocess
import sys

import pytest
import torch

from alignscape.compute.number_types import fast_number_type, of_gpu, of_processor


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        (set(), "float32"),
        ({"avx2", "avx512_f"}, "float32"),  # AVX-512 alone has no bfloat16
        ({"avx2", "avx512_f", "avx512_bf16"}, "bfloat16"),
        ({"amx_tile"}, "bfloat16"),
    ],
)
def test_a_processor_has_bfloat16_only_with_instructions_for_it(features: set[str], expected: str) -> None:
    assert of_processor(features) == expected


@pytest.mark.parametrize(
    ("capability", "expected"),
    [((6, 1), "float16"), ((7, 5), "float16"), ((8, 0), "bfloat16"), ((8, 9), "bfloat16"), ((10, 0), "bfloat16")],
)
def test_a_gpu_has_bfloat16_from_ampere_on(capability: tuple[int, int], expected: str) -> None:
    assert of_gpu(capability) == expected


def test_this_processor_is_judged_by_its_own_list_of_features() -> None:
    """The system's list of features, read here independently of torch, leads to the same type."""
    with open("/proc/cpuinfo") as lines:
        flags = next((line for line in lines if line.startswith("flags")), "").split()
    has_bfloat16 = not {"avx512_bf16", "amx_tile"}.isdisjoint(flags)
    assert fast_number_type("cpu") == ("bfloat16" if has_bfloat16 else "float32")


@pytest.mark.parametrize(
    ("kernels", "bf16", "amx", "expected"),
    [
        ("AVX512", True, False, "bfloat16"),
        ("AVX512", False, True, "bfloat16"),
        ("AVX512", False, False, "float32"),
        ("AVX2", True, True, "float32"),  # as ATEN_CPU_CAPABILITY=avx2 has it
    ],
)
def test_what_torch_says_of_a_processor(
    kernels: str, bf16: bool, amx: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: kernels)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: bf16)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert fast_number_type("cpu") == expected


def test_the_oldest_of_several_gpus_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model spread over an A100 and a V100 computes in what both have; one that is named is judged alone."""
    capabilities = [(8, 0), (7, 0)]
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda place: capabilities[place])
    assert [fast_number_type(place) for place in ("cuda", "cuda:0", "cuda:1")] == ["float16", "bfloat16", "float16"]


def test_the_table_needs_no_torch() -> None:
    code = "import sys, alignscape.compute.number_types; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
