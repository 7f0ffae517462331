"""Free memory, so that a model that does not fit is refused before it is loaded."""

from pathlib import Path

from ..errors import UserError


def require_memory(needed: int, *, name: str, dtype: str, device: str) -> None:
    """Raises UserError if `needed` bytes of weights do not fit into what is free on the device (all GPUs for "cuda")."""
    free = free_bytes(device)
    if needed > free:
        where = "over all GPUs" if device == "cuda" else f"on {device}"
        raise UserError(
            f"model {name!r} needs {needed / 1e9:.1f} GB for its weights in {dtype}, {free / 1e9:.1f} GB are free {where};"
            " use a 16-bit dtype, quantization: nf4, more GPUs (size_class: large) or more memory"
        )


def free_bytes(device: str) -> int:
    """Free memory of "cpu", "cuda" (all GPUs) or "cuda:N", in bytes."""
    if device.startswith("cuda"):
        import torch

        places = [torch.device(device).index] if ":" in device else range(torch.cuda.device_count())
        return sum(torch.cuda.mem_get_info(place)[0] for place in places)
    import psutil

    return min(psutil.virtual_memory().available, _left_in_control_group())


def _left_in_control_group() -> int:
    """What this process's control groups (a SLURM job's limit) leave it; no limit is a very large number."""
    left = 1 << 62
    for folder in _control_groups():
        limit = (folder / "memory.max").read_text().strip()
        if limit != "max":
            statistics = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
            left = min(left, int(limit) - int(statistics["anon"]))  # file pages can be given back
    return left


def _control_groups() -> list[Path]:
    """The folders of this process's control group (version 2) and its parents, where memory is controlled."""
    root, own = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
    if not own.is_file():
        return []
    lines = [line for line in own.read_text().splitlines() if line.startswith("0::")]
    path = root / lines[0][3:].lstrip("/") if lines else root
    return [
        p
        for p in (path, *path.parents)
        if p.is_relative_to(root) and (p / "memory.stat").is_file() and (p / "memory.max").is_file()
    ]
