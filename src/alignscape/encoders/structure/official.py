"""What an encoder's module `official` says: where published weights are, and under which licence.

Such a module has one function or both:
`official(config) -> Official | None`, the files to download that a config block asks for, None where it asks for other weights;
`shipped(config) -> Path | None`, the file that an installed package ships, for `weights: package`.
It is kept apart from the encoder's other modules, and imports nothing heavy, because its text is in no digest: what counts,
in the digest of the encoder that reads the files, is `Official.identity` and the SHA-256 of a file that is shipped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...config.encoders import StructureEncoderBlock
from ...errors import UserError
from ...storage.download import fetch_file


@dataclass(frozen=True)
class Official:
    """A published set of weights: one file, or the parts of a TensorFlow checkpoint.

    files: name -> sha256, None where it could not be had to be checked; the first download's is kept then.
    licence: of the repository that publishes them.
    """

    base_url: str
    files: Mapping[str, str | None]
    licence: str

    @property
    def main(self) -> str:
        """The file whose path stands for all."""
        return next(iter(self.files))

    @property
    def identity(self) -> dict[str, str]:
        """What tells these weights from others: each file's sha256, or its address where no sha256 is known."""
        return {name: sha256 or f"{self.base_url}/{name}" for name, sha256 in self.files.items()}


def fetch_official(block: StructureEncoderBlock, published: Official, cache_dir: Path) -> Path:
    """The main file's local path: the block's own copy, or downloaded into the cache with its parts."""
    if block.weights_file is not None:
        if not block.weights_file.is_file():
            raise UserError(f"{block.name}: weights_file {block.weights_file} is not a file; expected {published.main}")
        return block.weights_file
    files = zip(cached_files(block, published, cache_dir), published.files.items(), strict=True)
    paths = [fetch_file(f"{published.base_url}/{name}", path, sha256=sha256) for path, (name, sha256) in files]
    return paths[0]


def cached_files(block: StructureEncoderBlock, published: Official, cache_dir: Path) -> list[Path]:
    """Where the published files lie once they are downloaded, the main one first."""
    return [cache_dir / "weights" / block.encoder / name for name in published.files]
