"""The kind of this machine's processor, told without torch: its maker and the widest instructions that torch will use."""

import os
import platform
from collections.abc import Container
from pathlib import Path

_MAKERS = {"AuthenticAMD": "AMD", "GenuineIntel": "Intel"}
# What torch's AVX-512 code needs (aten/src/ATen/native/DispatchStub.cpp), and its AVX2 code.
_AVX512 = ("avx512f", "avx512dq", "avx512bw", "avx512vl", "fma")
_AVX2 = ("avx2", "fma")


def kind() -> str:
    """`AMD AVX2`, `Intel AVX-512`, `Apple arm64`, ...; `other` for what is none of these.

    `ATEN_CPU_CAPABILITY=avx2` counts, as it does for torch, so that a processor can be put into the guise of a lesser one.
    """
    machine = platform.machine().lower()
    if machine in ("arm64", "aarch64"):
        return "Apple arm64" if platform.system() == "Darwin" else "arm64"
    maker, features = _described(Path("/proc/cpuinfo"))
    return kind_of(maker, features, at_most=os.environ.get("ATEN_CPU_CAPABILITY", "").lower())


def kind_of(maker: str, features: Container[str], *, at_most: str = "") -> str:
    """The kind of an x86-64 processor by its maker and features, called as Linux calls them. at_most: `avx2`, `default` or ""."""
    name = _MAKERS.get(maker)
    if name is None or at_most == "default":
        return "other"
    if at_most != "avx2" and all(feature in features for feature in _AVX512):
        return f"{name} AVX-512"
    return f"{name} AVX2" if all(feature in features for feature in _AVX2) else "other"


def _described(path: Path) -> tuple[str, frozenset[str]]:
    """Maker and features of the first processor that Linux lists; nothing elsewhere."""
    try:
        first = path.read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
    except OSError:
        return "", frozenset()
    said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())}
    return said.get("vendor_id", ""), frozenset(said.get("flags", "").split())
