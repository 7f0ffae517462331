"""Files that unpack to far more than tables ever do are refused before they are unpacked."""

from pathlib import Path

from ..errors import UserError

_SUSPECT, _RATIO = 2**26, 200  # bytes from which on they may not be so many times those on the disk


def require_credible(path: Path, size: int) -> None:
    """Raises UserError for a file that would take `size` bytes of memory and lies on the disk in so few as tables never do.

    A file with holes counts as what is written of it, where the file system tells.
    """
    status = path.stat()
    written = min(status.st_size, getattr(status, "st_blocks", 0) * 512 or status.st_size)
    if size > _SUSPECT and size > _RATIO * written:
        raise UserError(f"{path}: {written} bytes that unpack to {size}; no table is packed so far")
