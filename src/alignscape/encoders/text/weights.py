"""What an embedding's sidecar says about the weights of a text encoder."""

from dataclasses import dataclass

from ...shards import WeightsState


@dataclass(frozen=True)
class TextWeights:
    """State, checksum and origin; the checksum is None where there are no weights."""

    state: WeightsState
    sha256: str | None
    source: str
