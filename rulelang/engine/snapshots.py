"""Snapshots: the arenas of a run as bytes, with what shows that they fit the rules and are whole."""

import hashlib
import struct
from collections.abc import Mapping

from rulelang.engine.program import Program
from rulelang.evaluate.steps import SnapshotError

_MAGIC = b"rulelang-engine-1\n"
_SIZES = struct.Struct("<dqq")


def digest(program: Program) -> bytes:
    """Return a digest of everything in a program."""
    parts = (program.code, program.extra, repr(program).encode())
    return hashlib.blake2b(b"|".join(parts), digest_size=16).digest()


def packed(last: float | None, programs: Mapping[str, Program], arenas: Mapping[str, bytes]) -> bytes:
    """Return a snapshot of the arenas of some assets."""
    parts = [_SIZES.pack(float("nan") if last is None else last, int(last is not None), len(arenas))]
    for asset, arena in arenas.items():
        name = asset.encode()
        parts += [struct.pack("<qq", len(name), len(arena)), name, digest(programs[asset]), arena]
    return b"".join([_MAGIC, _checksum(*parts), *parts])


def _checksum(*parts: bytes | memoryview) -> bytes:
    found = hashlib.blake2b(digest_size=32)
    for part in parts:
        found.update(part)
    return found.digest()


def unpacked(snapshot: bytes, programs: Mapping[str, Program]) -> tuple[float | None, dict[str, bytes]]:
    """Return the time of the last step and the arenas of a snapshot. Raises `SnapshotError`."""
    if not snapshot.startswith(_MAGIC):
        raise SnapshotError("these bytes are no snapshot of a run on the engine, or one of another version")
    check, body = snapshot[len(_MAGIC) : len(_MAGIC) + 32], snapshot[len(_MAGIC) + 32 :]
    if _checksum(body) != check:
        raise SnapshotError("this snapshot is damaged: its content doesn't fit its checksum")
    try:
        return _opened(body, programs)
    except (struct.error, UnicodeDecodeError) as error:
        raise SnapshotError("this snapshot is damaged: it ends too early") from error


def _opened(body: bytes, programs: Mapping[str, Program]) -> tuple[float | None, dict[str, bytes]]:
    last, begun, count = _SIZES.unpack_from(body)
    arenas: dict[str, bytes] = {}
    at = _SIZES.size
    for _ in range(min(count, len(programs) + 1)):
        named, size = struct.unpack_from("<qq", body, at)
        at += 16
        if named < 0 or size < 0:
            raise SnapshotError("this snapshot is damaged: it has a part without a length")
        asset, mark = body[at : at + named].decode(), body[at + named : at + named + 16]
        at += named + 16
        if asset not in programs or mark != digest(programs[asset]) or size != state_size(programs[asset]):
            raise SnapshotError("this snapshot is not of a run of these rules")
        arenas[asset] = body[at : at + size]
        at += size
    if at != len(body) or set(arenas) != set(programs):
        raise SnapshotError("this snapshot is not of a run of these rules")
    return (last if begun else None), arenas


def state_size(program: Program) -> int:
    """Return the bytes of a program's state; where periods pass without bars, the registers belong to it."""
    return 8 * program.arena + (8 * program.values + max(8, program.truths) if program.ticking else 0)


# --- beside the state of the reference

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
        raise SnapshotError("this snapshot is damaged: it ends too early")
    return snapshot[at + length :], snapshot[at : at + length]
