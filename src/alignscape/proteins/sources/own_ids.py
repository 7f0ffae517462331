"""One id for each protein of a folder, also where several files have the same name."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import ProteinRejected
from ..parsing.compression import decompress, read_stored
from .file_names import protein_id, reading_rank, stem_of, without_colons


@dataclass
class OwnIds:
    """Files by id. Files of one name and one content are one protein; of several contents, as many proteins."""

    files: dict[str, Path] = field(default_factory=dict)
    copies: dict[Path, Path] = field(default_factory=dict)  # a file that is not read -> the one of the same content
    shared: dict[str, list[str]] = field(default_factory=dict)  # an id that several files could have -> theirs


def own_ids(
    paths: Iterable[Path],
    directory: Path,
    *,
    digest: Callable[[Path], str],
    taken: Collection[str] = frozenset(),
) -> OwnIds:
    """Ids of files below `directory`: the stem, or, where several contents have it, the path below the folder.

    A file's id depends on the names and contents of the folder alone, not on the order of its listing.
    taken: ids of other files of the folder.
    """
    groups: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        groups[protein_id(path)].append(path)
    result = OwnIds()
    for id_, group in sorted(groups.items()):
        if len(group) == 1:
            result.files[id_] = group[0]
            continue
        group.sort(key=lambda path: (*reading_rank(path.name), path.relative_to(directory).as_posix()))
        contents = _by_content(group, digest)
        for first, *others in contents.values():
            result.copies |= dict.fromkeys(others, first)
        firsts = {found[0]: content for content, found in contents.items()}
        own = [id_] if len(firsts) == 1 else []
        for path, content in firsts.items() if len(firsts) > 1 else ():
            candidates = _candidates(path, directory, content)
            free = (c for c in candidates if c not in result.files and c not in own and c not in taken)
            own.append(next(c for c in free if c == id_ or c not in groups))
        result.files |= dict(zip(own, firsts, strict=True))
        if id_ not in own:
            result.shared[id_] = own
    return result


def _candidates(path: Path, directory: Path, content: str) -> tuple[str, ...]:
    """Ids for a file whose stem others have too, the shortest first; the last is of its content, and nobody else's."""
    below = path.relative_to(directory)
    folders, end = below.parent.parts, below.name[len(stem_of(below.name)) :]
    stem, name = (
        without_colons(".".join([*folders, own]).upper()) for own in (protein_id(path), protein_id(path) + end)
    )
    return stem, name, f"{name}~{content[:8]}", f"{name}~{content}"


def _by_content(paths: list[Path], digest: Callable[[Path], str]) -> dict[str, list[Path]]:
    """The files by the digest of their content, unpacked where that is what differs."""
    stored = {path: _stored_digest(path, digest) for path in paths}
    groups: dict[str, list[Path]] = defaultdict(list)
    one = len(set(stored.values())) == 1
    for path in paths:
        groups[stored[path] if one else _unpacked_digest(path, stored[path])].append(path)
    return groups


def _stored_digest(path: Path, digest: Callable[[Path], str]) -> str:
    try:
        return digest(path)
    except OSError:
        return hashlib.sha256(str(path).encode()).hexdigest()  # no other's; the reason is given when it is read


def _unpacked_digest(path: Path, stored: str) -> str:
    if not reading_rank(path.name)[1]:
        return stored
    try:
        return hashlib.sha256(decompress(read_stored(path))).hexdigest()
    except ProteinRejected:
        return stored
