"""A checkup finds what can't be right in a file, and tells it from what is merely worth knowing."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from rulelang.data import Stamp
from rulelang.data.checkup import Checkup, checked
from rulelang.data.foreign import Asked
from rulelang.data.importing import imported
from tests.data import samples
from tests.data.making import HOUR
from tests.data.samples import FIRST, SAMPLES, Row, bars

HEAD = "open_time,open,high,low,close,volume\n"
LINES = [f"2024-01-01T{hour:02}:00Z,10,12,9,1{hour % 2},5" for hour in range(24)]


def check(folder: Path, lines: Sequence[str], head: str = HEAD, asked: Asked = Asked()) -> Checkup:  # noqa: B008
    path = folder / "a.csv"
    path.write_text(head + "".join(f"{line}\n" for line in lines))
    (one,) = checked(str(path), asked)
    return one


def told(one: Checkup, problem: bool = True) -> list[str]:
    return [f"{found.text} [{found.row}]" for found in one.findings if found.problem is problem]


def changed(at: int, line: str) -> list[str]:
    return [*LINES[:at], line, *LINES[at + 1 :]]


def test_a_clean_file(tmp_path: Path) -> None:
    one = check(tmp_path, LINES)
    assert (one.findings, one.rows, one.length, one.unit, one.zone, one.stamp) == (
        (), 24, HOUR, "written out", "UTC", "open",
    )  # fmt: skip
    assert (one.first, one.last, one.kind) == (FIRST, FIRST + 23 * HOUR, "bars")


WRONG = {
    "a gap": (LINES[:5] + LINES[8:], "1 gap (3 bars missing, the longest 3h), the first after 2024-01-01T04:00Z [6]"),
    "two values": (
        [*LINES[:3], LINES[2].replace(",5", ",6"), *LINES[3:]], "1 row has the time of another, and other values [5]",
    ),
    "out of order": ([LINES[1], LINES[0], *LINES[2:]], "1 row is out of order [3]"),
    "off the grid": (changed(4, "2024-01-01T04:07Z,10,12,9,11,5"), "1 time is no boundary of 1h [6]"),
    "below nought": (changed(4, "2024-01-01T04:00Z,10,12,-9,11,5"), "1 value of `low` below 0 [6]"),
    "nought": (changed(4, "2024-01-01T04:00Z,10,12,0,11,5"), "1 value of `low` 0 [6]"),
    "high under low": (changed(4, "2024-01-01T04:00Z,10,8,9,11,5"), "1 bar with the high below the low [6]"),
    "close outside": (changed(4, "2024-01-01T04:00Z,10,12,9,13,5"), "1 bar with the close outside low to high [6]"),
    "open outside": (changed(4, "2024-01-01T04:00Z,8,12,9,11,5"), "1 bar with the open outside low to high [6]"),
    "volume below nought": (changed(4, "2024-01-01T04:00Z,10,12,9,11,-5"), "1 value of `volume` below 0 [6]"),
    "huge": (changed(4, "2024-01-01T04:00Z,10,1e300,9,11,5"), "1 value of `high` larger than any of a market [6]"),
    "no number": (changed(4, "2024-01-01T04:00Z,10,12,9,x,5"), "row 6, column `close`: `x` is no number"),
    "mixed units": (
        changed(4, "1704081600,10,12,9,11,5"), "row 6, column `open_time`: `1704081600` and the rows above don't both",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_can_not_be_right(case: str, tmp_path: Path) -> None:
    lines, expected = WRONG[case]
    one = check(tmp_path, lines)
    assert one.problems == 1
    assert told(one)[0].startswith(expected)


def test_what_is_worth_knowing(tmp_path: Path) -> None:
    assert told(check(tmp_path, LINES[::-1]), False) == ["newest first [None]"]
    doubled = check(tmp_path, [*LINES[:3], LINES[2], *LINES[3:]])
    assert (doubled.problems, told(doubled, False)) == (0, ["1 row says the same as another [5]"])
    missing = check(tmp_path, changed(4, "2024-01-01T04:00Z,10,12,9,11,"))
    assert (missing.problems, told(missing, False)) == (0, ["1 value of `volume` missing [6]"])


def test_a_feed_that_stands_still_and_a_market_without_trades(tmp_path: Path) -> None:
    same = [f"{line.partition(',')[0]},10,12,9,10.5,5" for line in LINES]
    text = "in 1 run of 12 bars or more; the longest, 14 bars from 2024-01-01T06:00Z, at `10.5` [8]"
    assert told(check(tmp_path, LINES[:6] + same[6:20] + LINES[20:])) == [f"the feed stands still {text}"]
    assert told(check(tmp_path, LINES[:6] + same[6:17] + LINES[17:])) == []
    quiet = [line.replace(",5", ",0") for line in same]
    assert told(check(tmp_path, LINES[:6] + quiet[6:20] + LINES[20:]), False) == [f"nothing was traded {text}"]


def test_a_last_bar_that_may_not_be_over_and_times_in_the_future(tmp_path: Path) -> None:
    check(tmp_path, LINES)
    path = tmp_path / "a.csv"
    for written, expected in (
        (FIRST + 24 * HOUR, []),
        (FIRST + 24 * HOUR - 1, ["the last bar closes after the file was written: it may not be over [25]"]),
        (FIRST + 22 * HOUR, ["2 bars close after the file was written: their times are in the future [25]"]),
    ):
        os.utime(path, (written, written))
        assert told(checked(str(path), Asked())[0]) == expected


def test_what_nothing_tells(tmp_path: Path) -> None:
    head = HEAD.replace("open_time", "time")
    assert told(check(tmp_path, LINES, head)) == [
        "nothing tells whether times are the open or the close: --time open, or close [None]"
    ]
    assert told(check(tmp_path, LINES, head, Asked(stamp=Stamp.CLOSE))) == []
    local = [line.replace("Z", "") for line in LINES]
    assert told(check(tmp_path, local, asked=Asked(lenient=True))) == [
        "nothing tells the time zone: say which when importing, as in --zone UTC [None]"
    ]
    assert told(check(tmp_path, local, asked=Asked(zone="Asia/Tokyo"))) == []
    assert told(check(tmp_path, LINES[:1])) == ["one row doesn't tell how long a bar is: --every 1h [None]"]
    assert told(check(tmp_path, LINES[:1], asked=Asked(every=HOUR))) == []


def test_funding(tmp_path: Path) -> None:
    head = "time,funding_rate,interval_hours\n"
    hours = [(0, 8), (8, 8), (16, 8), (20, 4), (24, 4), (36, 4), (40, 4)]
    lines = [f"{FIRST + hour * HOUR},{'0.05' if hour == 8 else '0.0001'},{every}" for hour, every in hours]
    one = check(tmp_path, lines, head)
    assert one.kind == "funding"
    assert told(one) == [
        "1 gap (2 settlements missing, the longest 8h), the first after 2024-01-02T00:00Z [6]",
        "1 value beyond ±3% per 8h [3]",
    ]
    assert told(one, False) == ["from 2024-01-01T20:00Z on, settlements are 4 h apart [5]"]
    assert told(check(tmp_path, [f"{FIRST},0.0001"], "time,funding_rate\n")) == [
        "nothing tells how many hours each rate is for: --every 8h [None]"
    ]


def test_a_rate_that_is_missing_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [f"{(FIRST + at * 8 * HOUR) * 1000},8,{'' if at == 2 else 0.0001}\n" for at in range(5)]
    path.write_text("calc_time,funding_interval_hours,last_funding_rate\n" + "".join(lines))
    (one,) = checked(str(path), Asked())
    assert (one.format, one.problems) == ("binance-funding", 0)
    assert [(found.text, found.row) for found in one.findings] == [("1 value of `funding_rate` missing", 4)]
    (made,) = imported([str(path)], Asked(), tmp_path / "out", force=False)
    assert made.notes == ("1 value of `funding_rate` missing",)


def test_each_instrument_of_a_file_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    pairs = [f"{line},{name}\n" for line in LINES for name in ("BTCUSDT", "ETHUSDT")]
    del pairs[11]
    path.write_text(HEAD.replace("\n", ",symbol\n") + "".join(pairs))
    one, other = checked(str(path), Asked())
    assert [(one.symbol, told(one)), (other.symbol, [text[:5] for text in told(other)])] == [
        ("BTCUSDT", []), ("ETHUSDT", ["1 gap"]),
    ]  # fmt: skip


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: f"{one.format}-{one.name}")
def test_samples_are_clean(sample: samples.Sample, tmp_path: Path) -> None:
    (one,) = checked(samples.write(tmp_path, sample), Asked())
    assert told(one) == []
    assert (one.format, one.rows) == (sample.format, 5)


def test_a_premium_may_be_below_nought(tmp_path: Path) -> None:
    rows = [Row(row.time, ("0.0001", "0.0003", "-0.0002", "-0.0001", "0")) for row in bars()]
    path = tmp_path / "a.csv"
    path.write_text("".join(",".join(map(str, samples.quiet_kline(row))) + "\n" for row in rows))
    (one,) = checked(str(path), Asked())
    assert (one.format, told(one)) == ("binance-premium-klines", [])
