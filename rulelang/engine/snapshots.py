"""Snapshots: the arenas of a run as bytes, with what shows that they are whole, and what in them belongs to what."""

import struct
from collections.abc import Iterator, Mapping

from attrs import frozen

from rulelang.engine.checksum import checksum
from rulelang.engine.directory import written
from rulelang.engine.lower import Lowered
from rulelang.evaluate.steps import FURTHEST, SnapshotError

_MAGIC = b"rulelang-engine-2\n"
_SUM = struct.Struct("<Q")
_HEAD = struct.Struct("<dqq")
_PART = struct.Struct("<qqq16s")
_DAMAGED = "this snapshot is damaged"
Part = tuple[Lowered, bytes]
"""A program and its arena."""


@frozen(eq=False)
class Saved:
    """What a snapshot holds of one asset: its directory, the mark of its program, its arena."""

    mark: bytes
    directory: bytes
    arena: memoryview


def packed(last: float | None, parts: Mapping[str, Part]) -> bytes:
    """Return a snapshot of the arenas of some assets, after the step at `last`."""
    pieces = [_HEAD.pack(last or 0.0, int(last is not None), len(parts))]
    for asset, (flat, arena) in parts.items():
        name, directory = asset.encode(), written(flat)
        pieces += [_PART.pack(len(name), len(directory.text), len(arena), directory.mark), name, directory.text, arena]
    body = b"".join(pieces)
    return b"".join([_MAGIC, _SUM.pack(checksum(body)), body])


def unpacked(snapshot: bytes) -> tuple[float | None, dict[str, Saved]]:
    """Return the time of the last step, and what a snapshot holds of each asset. Raises `SnapshotError`."""
    if not snapshot.startswith(_MAGIC):
        raise SnapshotError("these bytes are no snapshot of a run on the engine, or one of another version")
    body = memoryview(snapshot)[len(_MAGIC) + _SUM.size :]
    try:
        (expected,) = _SUM.unpack_from(snapshot, len(_MAGIC))
        last, begun, count = _HEAD.unpack_from(body)
    except struct.error as error:
        raise SnapshotError(f"{_DAMAGED}: it ends too early") from error
    if checksum(body) != expected:
        raise SnapshotError(f"{_DAMAGED}: its content doesn't fit its checksum")
    if begun not in (0, 1) or not -FURTHEST <= last <= FURTHEST:
        raise SnapshotError(f"{_DAMAGED}: it has no time")
    return (last if begun else None), dict(_parts(body, count))


def _parts(body: memoryview, count: int) -> Iterator[tuple[str, Saved]]:
    at = _HEAD.size
    try:
        for _ in range(count):
            *sizes, mark = _PART.unpack_from(body, at)
            at += _PART.size
            name, directory, arena = _cut(body, at, sizes)
            at += sum(sizes)
            yield bytes(name).decode(), Saved(mark, bytes(directory), arena)
    except (struct.error, UnicodeDecodeError) as error:
        raise SnapshotError(f"{_DAMAGED}: it ends too early") from error
    if at != len(body):
        raise SnapshotError(f"{_DAMAGED}: it goes on after its end")


def _cut(body: memoryview, at: int, sizes: list[int]) -> Iterator[memoryview]:
    for size in sizes:
        if not 0 <= size <= len(body) - at:
            raise SnapshotError(f"{_DAMAGED}: it has a part that isn't there")
        yield body[at : at + size]
        at += size


# Beside the state of the reference ────────────────────────────────────────────────────────────────────────────────────

_BOTH = b"rulelang-engine-and-reference-1\n"


def with_reference(snapshot: bytes, reference: bytes) -> bytes:
    """Return a snapshot with one of the reference beside it, so that a run can go on telling why."""
    return _BOTH + struct.pack("<q", len(reference)) + reference + snapshot


def parted(snapshot: bytes) -> tuple[bytes, bytes | None]:
    """Return a snapshot, and the one of the reference that lies beside it."""
    if not snapshot.startswith(_BOTH):
        return snapshot, None
    at = len(_BOTH) + 8
    (length,) = struct.unpack("<q", snapshot[len(_BOTH) : at].ljust(8, b"\0"))
    if not 0 <= length <= len(snapshot) - at:
        raise SnapshotError(f"{_DAMAGED}: it ends too early")
    return snapshot[at + length :], snapshot[at : at + length]
