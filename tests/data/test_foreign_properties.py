"""What holds for any rows: a value is the source's to the last bit, known at its close, however the file is cut."""

import random
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import polars
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rulelang.data import DataError
from rulelang.data.foreign import Asked, canonical, opened
from rulelang.data.importing import imported
from tests.data import samples
from tests.data.making import HOUR, request, run
from tests.data.samples import FIRST, SAMPLES, Row, Sample

pytestmark = pytest.mark.slow
FEW = settings(max_examples=60, deadline=None)
prices = st.decimals("0.00000001", "1000000", places=8).map(Decimal.normalize).filter(bool)
BARS = [sample for sample in SAMPLES if not sample.rates]


@st.composite
def histories(draw: st.DrawFn) -> list[Row]:
    """Draw bars of an hour with gaps, most of them following each other; each bar holds together."""
    hours = [*sorted(draw(st.sets(st.integers(0, 40), max_size=8))), *range(50, 70)]
    rows = []
    for hour in hours:
        low, high = sorted((draw(prices), draw(prices)))
        opened, close = (draw(st.sampled_from((low, high))) for _ in range(2))
        volume = draw(st.decimals("0.001", "100000", places=3))
        rows.append(Row(FIRST + hour * HOUR, tuple(f"{value:f}" for value in (opened, high, low, close, volume))))
    return rows


def brought(folder: str, paths: list[str], form: str) -> polars.DataFrame:
    """Return what files are imported as."""
    target = Path(folder) / "out"
    made = imported(paths, Asked(form=form, every=HOUR), target, force=True)
    assert len(made) == 1
    return polars.read_parquet(made[0].path).drop("symbol", strict=False)


@FEW
@given(histories(), st.sampled_from(BARS))
def test_an_import_holds_what_the_source_holds_known_at_each_close(rows: list[Row], sample: Sample) -> None:
    with TemporaryDirectory() as folder:
        frame = brought(folder, [samples.write(Path(folder), sample, rows)], sample.format)
    for at, name in enumerate(sample.columns):
        assert frame[name].to_list() == [float(row.values[at]) for row in rows]
    assert (frame["close_time"].dt.epoch("s") - HOUR).to_list() == [row.time for row in rows]


@FEW
@given(histories(), st.sampled_from(BARS), st.integers(1, 19), st.integers(0, 3), st.randoms(use_true_random=False))
def test_cut_mixed_and_doubled_it_is_the_same(
    rows: list[Row], sample: Sample, cut: int, shared: int, chance: random.Random
) -> None:
    mixed = rows + chance.sample(rows, 2)
    chance.shuffle(mixed)
    first, second = (Sample(sample.format, f"{at}{sample.name}", sample.make, sample.columns) for at in (1, 2))
    with TemporaryDirectory() as folder:
        whole = brought(folder, [samples.write(Path(folder), sample, rows)], sample.format)
        assert brought(folder, [samples.write(Path(folder), sample, mixed)], sample.format).equals(whole)
        halves = ((first, rows[:-cut]), (second, rows[-cut - shared :]))
        paths = [samples.write(Path(folder), one, part) for one, part in halves]
        asked = Asked(form=sample.format, every=HOUR)
        parts = polars.concat([canonical(opened(path, asked)) for path in paths]).drop("row", "symbol", strict=False)
        assert (
            parts.unique(maintain_order=True)
            .sort("close_time")
            .equals(whole.with_columns(polars.col("close_time").dt.cast_time_unit("us")))
        )


@FEW
@given(histories(), st.integers(0, 20))
def test_two_values_of_one_time_are_refused(rows: list[Row], at: int) -> None:
    at %= len(rows)
    twisted = Row(rows[at].time, (*rows[at].values[:4], "123456.789"))
    assume(twisted != rows[at])
    with TemporaryDirectory() as folder:
        path = samples.write(Path(folder), SAMPLES[0], [*rows, twisted])
        with pytest.raises(DataError) as caught:
            imported([path], Asked(form="binance-klines"), Path(folder) / "out", force=False)
        assert caught.value.code == "RL703"
        assert caught.value.row == len(rows) + 1
        assert not (Path(folder) / "out").exists()


@FEW
@given(histories(), st.sampled_from([one for one in BARS if one.format == "binance-klines"]))
def test_a_run_over_the_source_is_a_run_over_what_was_imported(rows: list[Row], sample: Sample) -> None:
    asked = request("open", "close", "volume")
    with TemporaryDirectory() as folder:
        path = samples.write(Path(folder), sample, rows)
        try:
            source = list(run(path, asked, stamp=None).steps)
        except DataError as error:
            assume("could be" not in str(error) and "is nearly" not in str(error))
            raise
        (made,) = imported([path], Asked(), Path(folder) / "out", force=False)
        assert list(run(made.path, asked, stamp=None).steps) == source
        assert [time for time, _ in source] == [row.time + HOUR for row in rows]


@FEW
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.json", "a.feather", "a.ics", "a.zip", "a.csv.gz"]))
def test_no_bytes_make_a_traceback(data: bytes, name: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        with pytest.raises(DataError):
            opened(str(path), Asked())


@FEW
@given(st.sampled_from(SAMPLES), st.data())
def test_no_damage_makes_a_traceback(sample: Sample, data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        path = Path(samples.write(Path(folder), sample))
        damaged = bytearray(path.read_bytes())
        for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), min_size=1, max_size=4)):
            damaged[at] = data.draw(st.integers(0, 255))
        path.write_bytes(bytes(damaged[: data.draw(st.integers(1, len(damaged)))]))
        with suppress(DataError):
            opened(str(path), Asked())
