"""The order of work: instructions by levels, those of one kind together, loops where their parts are known."""

from collections.abc import Iterable
from operator import itemgetter
from struct import Struct

from attrs import define, frozen

from rulelang.engine import ops
from rulelang.engine.program import Stage


@define(eq=False)
class Row:
    """An instruction on its way: its numbers, the registers that it makes and reads, the loop that it stands in.

    `fixed`: it is done once; `ticked`: it moves with the periods of a clock; `place`: where it came to stand.
    """

    numbers: list[int]
    makes: tuple[int, ...]
    reads: tuple[int, ...]
    loop: int | None = None
    fixed: bool = False
    ticked: bool = False
    place: int = -1


@frozen
class Scheduled:
    """The code, the stages of a block (`main` of them are not the inside of a loop), and those that are done once."""

    code: bytes
    stages: tuple[Stage, ...]
    main: int
    prelude: tuple[Stage, ...]


_KIND = (1 << 32) - 1
_PACK = Struct(f"{ops.WIDTH}q").pack

Unit = tuple[int, list[Row]]
"""What is done together, after its level and its kind (`level << 32 | kind`): one instruction, or those of a loop."""


def scheduled(rows: list[Row]) -> Scheduled:
    """Return the order of work; each row is told its place."""
    units, once = _units(rows)
    units.sort(key=itemgetter(0))
    placed: list[Row] = []
    prelude = _stages(once, placed)
    main, loops = _main(units, placed)
    inner: list[Stage] = []
    for at, stage in enumerate(main):
        if stage.op == ops.LOOP:
            begin = len(main) + len(inner)
            inner += _stages(loops[stage.first], placed)
            main[at] = Stage(ops.LOOP, begin, len(main) + len(inner))
    return Scheduled(packed(placed), (*main, *inner), len(main), tuple(prelude))


def packed(placed: Iterable[Row]) -> bytes:
    """Return the code of instructions in their order."""
    return b"".join([_PACK(*row.numbers) for row in placed])


def _units(rows: list[Row]) -> tuple[list[Unit], list[Row]]:
    """Return the units of work, and the rows that are done once."""
    levels: dict[int, int] = {}
    of_loop: dict[int, int] = {}
    inside: dict[int, list[Row]] = {}
    units: list[Unit] = []
    once: list[Row] = []
    last = 0
    for row in rows:
        if row.fixed:
            once.append(row)
            continue
        level = 0
        for register in row.reads:
            before = levels.get(register, 0)
            if before > level:
                level = before
        level += 1
        if row.loop is None:
            units.append((level << 32 | row.numbers[0], [row]))
        else:
            inside.setdefault(row.loop, []).append(row)
            level = of_loop[row.loop] = max(of_loop.get(row.loop, 0), level)
        for register in row.makes:
            if levels.get(register, 0) < level:
                levels[register] = level
        last = level if level > last else last
    for loop, found in inside.items():
        level = last + 1 if loop < 0 else of_loop[loop]
        units.append((level << 32 | ops.LOOP + 1 + loop, found))
    return units, once


def _main(units: list[Unit], placed: list[Row]) -> tuple[list[Stage], list[list[Row]]]:
    """Lay what stands in no loop; return the stages, and the loops to which those of loops refer."""
    stages: list[Stage] = []
    loops: list[list[Row]] = []
    run: list[Row] = []
    for key, found in units:
        if key & _KIND <= ops.TARGET:
            run += found
            continue
        stages += _stages(run, placed)
        run = []
        stages.append(Stage(ops.LOOP, len(loops), 0))
        loops.append(found)
    return stages + _stages(run, placed), loops


def _stages(rows: list[Row], placed: list[Row]) -> list[Stage]:
    """Lay rows one after another; neighbours of one kind are a stage."""
    found: list[Stage] = []
    at = first = len(placed)
    op = -1
    for row in rows:
        if row.numbers[0] != op:
            if at > first:
                found.append(Stage(op, first, at))
            op, first = row.numbers[0], at
        row.place = at
        at += 1
    if at > first:
        found.append(Stage(op, first, at))
    placed += rows
    return found
