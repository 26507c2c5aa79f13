"""The order of work: instructions by levels, those of one kind together, loops where their parts are known."""

from array import array
from collections.abc import Mapping

from attrs import define, frozen

from rulelang.engine import ops
from rulelang.engine.program import Stage


@define(eq=False)
class Row:
    """An instruction on its way: its numbers, the registers that it makes and reads, the loop that it stands in."""

    numbers: list[int]
    makes: tuple[int, ...]
    reads: tuple[int, ...]
    loop: int | None = None
    fixed: bool = False
    ticked: bool = False


@frozen
class _Loop:
    rows: list[int]


Scheduled = tuple[bytes, tuple[Stage, ...], int, tuple[Stage, ...], Mapping[int, int]]


def scheduled(rows: list[Row], loops: Mapping[int, int]) -> Scheduled:
    """Return the code, the stages of a block (how many of them are main), those done once, and where each row stands."""
    levels: dict[int, int] = {}
    of_loop: dict[int, int] = {}
    inside: dict[int, list[int]] = {}
    columns: list[tuple[int, int, int]] = []
    once: list[int] = []
    for number, row in enumerate(rows):
        if row.fixed:
            once.append(number)
            continue
        level = 1 + max([levels.get(register, 0) for register in row.reads], default=0)
        if row.loop is None:
            columns.append((level, row.numbers[0], number))
        else:
            inside.setdefault(row.loop, []).append(number)
            level = of_loop[row.loop] = max(of_loop.get(row.loop, 0), level)
        for register in row.makes:
            levels[register] = max(level, levels.get(register, 0))
    last = 1 + max([level for level, _, _ in columns] + list(of_loop.values()), default=0)
    units: list[tuple[int, int, list[int]]] = [(level, op, [number]) for level, op, number in columns]
    units += [(last if loop < 0 else of_loop[loop], ops.LOOP + 1 + loop, found) for loop, found in inside.items()]
    units.sort(key=lambda unit: unit[:2])
    return _laid(rows, units, once)


def _laid(rows: list[Row], units: list[tuple[int, int, list[int]]], once: list[int]) -> Scheduled:
    placed: list[int] = []
    prelude = _stages(rows, once, placed)
    stages: list[Stage] = []
    loops: list[list[int]] = []
    run: list[int] = []
    for _, op, found in units:
        if op <= ops.TARGET:
            run += found
            continue
        stages += _stages(rows, run, placed)
        run = []
        stages.append(Stage(ops.LOOP, len(loops), 0))
        loops.append(found)
    stages += _stages(rows, run, placed)
    main = len(stages)
    for at, stage in enumerate(stages[:main]):
        if stage.op == ops.LOOP:
            inner = _stages(rows, loops[stage.first], placed)
            stages[at] = Stage(ops.LOOP, len(stages), len(stages) + len(inner))
            stages += inner
    code = array("q")
    for number in placed:
        code.extend(rows[number].numbers)
    places = {number: at for at, number in enumerate(placed)}
    return code.tobytes(), tuple(stages), main, tuple(prelude), places


def _stages(rows: list[Row], numbers: list[int], placed: list[int]) -> list[Stage]:
    """Lay rows one after another; neighbours of one kind are a stage."""
    found: list[Stage] = []
    for number in numbers:
        op, at = rows[number].numbers[0], len(placed)
        placed.append(number)
        if found and found[-1].op == op:
            found[-1] = Stage(op, found[-1].first, at + 1)
        else:
            found.append(Stage(op, at, at + 1))
    return found
