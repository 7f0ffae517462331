"""What only some questions look at, and what takes long to read: read when it is first looked at."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

Value = TypeVar("Value")


class OnDemand(Mapping[str, Value]):
    """The mapping that `read` returns, which is called once, or never."""

    def __init__(self, read: Callable[[], Mapping[str, Value]]) -> None:
        self._how = read

    @cached_property
    def _read(self) -> Mapping[str, Value]:
        return self._how()

    def __getitem__(self, key: str) -> Value:
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)
