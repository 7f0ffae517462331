"""What an encoder's module `official` says: where published weights are, and under which licence.

Such a module has one function or both:
`official(config) -> Official | None`, the files to download that a config block asks for, None where it asks for other weights;
`shipped(config) -> Path | None`, the file that an installed package ships, for `weights: package`.
It is kept apart from the encoder's other modules, and imports nothing heavy, because its text is in no digest: what counts,
in the digest of the encoder that reads the files, is `Official.identity` and the SHA-256 of a file that is shipped.
"""

from collections.abc import Mapping
from dataclasses import dataclass


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
