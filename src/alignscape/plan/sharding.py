"""Stable sharding of proteins over jobs: adding or removing a protein renames only its own shard."""

from collections.abc import Mapping, Sequence

from ..proteins.ids import entry_of
from ..storage.files import digest_of, hash_fraction


def n_buckets(n: int, shard_size: int) -> int:
    """The smallest power of two of shards that hold at most `shard_size` proteins on average."""
    buckets = 1
    while buckets * shard_size < n:
        buckets *= 2
    return buckets


def make_shards(file_digests: Mapping[str, str], *, prefix: str, shard_size: int) -> dict[str, list[str]]:
    """Shard names with their sorted ids.

    file_digests: id -> what identifies its structure file (a sha256, or "" where the source never changes it). The bucket
    of an id follows from its entry's hash, so that chains of one entry are read by one job, and a shard's name holds a
    digest of its ids and their files: a protein added, removed or changed renames its own shard and no other (until the
    count doubles).
    """
    buckets = n_buckets(len(file_digests), shard_size)
    members: dict[int, list[str]] = {}
    for id_ in sorted(file_digests):
        members.setdefault(int(hash_fraction(0, entry_of(id_)) * buckets), []).append(id_)
    return {
        f"{prefix}{bucket:04d}-{digest_of([(i, file_digests[i]) for i in ids], length=8)}": ids
        for bucket, ids in sorted(members.items())
    }


def group_shards(shards: Sequence[str], size: int) -> dict[str, list[str]]:
    """Jobs of up to `size` neighbouring shards each; a group of one keeps the shard's name."""
    groups = [list(shards[start : start + size]) for start in range(0, len(shards), size)]
    return {group[0] if len(group) == 1 else f"g-{digest_of(group)}": group for group in groups}
