"""What is said on the command line about data: files, assets, maps; and how each is understood."""

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from attrs import evolve

from rulelang.data import DataError, FileSpec, Mapping_, Need, Request, Stamp, parse_map, parse_spec, read
from rulelang.fields import CATALOGUE
from tests.data.making import DAY, HOUR, column, need, parquet, request, run

FIRST = 1_704_067_200


@pytest.mark.parametrize(
    ("text", "path", "asset"),
    [
        ("btc.csv", "btc.csv", None),
        ("btc.csv:BTC", "btc.csv", "BTC"),
        ("one.csv:1INCH", "one.csv", "1INCH"),
        (r"C:\data\btc.csv", r"C:\data\btc.csv", None),
        (r"C:\data\btc.csv:BTC", r"C:\data\btc.csv", "BTC"),
        ("C:/DATA", "C:/DATA", None),
        ("at-12:00.csv", "at-12:00.csv", None),
        ("a:b.csv:ETH", "a:b.csv", "ETH"),
        ("data:2024", "data:2024", None),
        ("-", "-", None),
        ("-:BTC", "-", "BTC"),
    ],
)
def test_files_and_assets(text: str, path: str, asset: str | None) -> None:
    assert parse_spec(text) == FileSpec(path, asset)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "`--data` names no file; write --data PATH or --data PATH:ASSET"),
        ("a.csv:btc", "`btc` is no asset: assets are in capitals; write --data a.csv:BTC"),
        ("my file.csv:Eth", "`Eth` is no asset: assets are in capitals; write --data 'my file.csv:ETH'"),
    ],
)
def test_files_that_are_not_understood(text: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_spec(text)
    assert (caught.value.code, str(caught.value)) == ("RL710", message)


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("iv=dvol", Mapping_("iv", "dvol")),
        ("iv=dvol*0.01", Mapping_("iv", "dvol", Decimal("0.01"))),
        ("volume = Volume BTC", Mapping_("volume", "Volume BTC")),
        ("close=a*b*2", Mapping_("close", "a*b", Decimal(2))),
        ("funding_8h=rate*-1", Mapping_("funding_8h", "rate", Decimal(-1))),
        ("hedge.actual=ratio", Mapping_("hedge.actual", "ratio")),
    ],
)
def test_maps(text: str, mapping: Mapping_) -> None:
    assert parse_map(text) == mapping


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "dvol",
            "--map `dvol` can't be understood; write --map FIELD=COLUMN or FIELD=COLUMN*SCALE, as in iv=dvol*0.01",
        ),
        ("iv=dvol*", "--map `iv=dvol*`: the scale `` is no number to multiply by; write one such as 0.01"),
        ("iv=dvol*0", "--map `iv=dvol*0`: the scale `0` is no number to multiply by; write one such as 0.01"),
        ("iv=dvol*1%", "--map `iv=dvol*1%`: the scale `1%` is no number to multiply by; write one such as 0.01"),
        ("iv=dvol*nan", "--map `iv=dvol*nan`: the scale `nan` is no number to multiply by; write one such as 0.01"),
    ],
)
def test_maps_that_are_not_understood(text: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_map(text)
    assert (caught.value.code, str(caught.value)) == ("RL710", message)


def prices(folder: Path, name: str = "a.parquet", /, **columns: Sequence[object]) -> str:
    given: dict[str, Sequence[object]] = columns or {"close": [1.0, 2.0, 3.0]}
    count = len(next(iter(given.values())))
    return parquet(folder / name, time=[FIRST + i * HOUR for i in range(count)], **given)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("close=clsoe", "--map close=clsoe: no file has a column `clsoe`; did you mean --map close=close"),
        ("clsoe=close", "--map clsoe=close: the rules read no field `clsoe`; they read `close`"),
        ("close=zz", "--map close=zz: no file has a column `zz`; the columns are `time`, `close`"),
    ],
)
def test_maps_that_fit_no_file(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        run(prices(tmp_path), request("close"), text)
    assert str(caught.value) == message


def test_a_map_scales_in_decimal_and_rounds_once(tmp_path: Path) -> None:
    path = prices(tmp_path, x=[56.76, 0.1, 114.72])
    values = column(run(path, request("iv"), "iv=x*0.01"), "iv")
    assert list(values.values()) == [0.5676, 0.001, 1.1472]


def test_names_without_regard_to_case(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", Time=["2024-01-01T00:00Z"], Close=[5.0])
    assert column(run(path, request("close")), "close") == {FIRST + HOUR: 5.0}


def test_two_columns_that_differ_by_case_only(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        run(prices(tmp_path, Close=[1.0], CLOSE=[1.0]), request("close"))
    assert str(caught.value).endswith(": `Close`, `CLOSE` could each be `close`; say which one is: --map close=Close")


def test_symbols_of_exchanges_mean_their_coin(tmp_path: Path) -> None:
    labels = ["BTCUSDT", "ETH/USDT:USDT", "DOGEUSDT", "SOL-PERP"]
    path = parquet(tmp_path / "a.parquet", time=[FIRST] * 4, symbol=labels, close=[1.0, 2.0, 3.0, 4.0])
    market = run(path, request("close", assets=("BTC", "ETH", "SOL")))
    assert list(market.steps) == [(FIRST + HOUR, {"BTC": {"close": 1.0}, "ETH": {"close": 2.0}, "SOL": {"close": 4.0}})]
    assert market.report.files[1].label == "ETH/USDT:USDT"
    assert market.report.files[0].notes == ("rows of `DOGEUSDT` are not needed",)


def test_an_asset_without_a_row_is_absent(tmp_path: Path) -> None:
    paths = [prices(tmp_path) + ":BTC", prices(tmp_path, "b.parquet", close=[9.0]) + ":ETH"]
    market = run(paths, request("close", assets=("BTC", "ETH")))
    assert [list(values) for _, values in market.steps] == [["BTC", "ETH"], ["BTC"], ["BTC"]]


def test_columns_of_several_assets_side_by_side(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"BTC.close": [1.0, 2.0], "ETH.close": [3.0, None]}
    path = prices(tmp_path, **columns)
    market = run(path, request("close", assets=("BTC", "ETH")))
    assert [values for _, values in market.steps] == [
        {"BTC": {"close": 1.0}, "ETH": {"close": 3.0}},
        {"BTC": {"close": 2.0}, "ETH": {}},
    ]


def test_state_that_a_host_supplies_has_its_own_columns(tmp_path: Path) -> None:
    actual = evolve(CATALOGUE["iv"], name="hedge.actual")
    market = run(prices(tmp_path, **{"hedge.actual": [0.5]}), Request((Need(None, actual),), (), HOUR))
    assert column(market, "hedge.actual") == {FIRST + HOUR: 0.5}


def test_expiry_is_a_time(tmp_path: Path) -> None:
    path = prices(tmp_path, expiry=["2024-03-29T08:00Z", None])
    assert column(run(path, request("expiry")), "expiry") == {FIRST + HOUR: 1_711_699_200.0}


def test_bars_that_no_rule_reads_still_make_the_steps(tmp_path: Path) -> None:
    calendar = parquet(tmp_path / "c.parquet", time=[FIRST + 90], event=["Cpi"])
    market = run([prices(tmp_path), calendar], request(events=("cpi", "fomc")))
    assert [time for time, _ in market.steps] == [FIRST + HOUR, FIRST + 2 * HOUR, FIRST + 3 * HOUR]
    assert market.events == {"cpi": (FIRST + 90,)}
    assert market.report.undated == ("fomc",)


def test_a_file_that_nobody_needs_is_named(tmp_path: Path) -> None:
    dvol = parquet(tmp_path / "iv.parquet", time=[FIRST, FIRST + DAY], dvol=[56.0, 57.0])
    market = run([prices(tmp_path), dvol], request("close", bars=None))
    assert [file.kind for file in market.report.files] == ["bars", "not used"]
    assert market.bars == HOUR


def test_events_alone_make_no_step(tmp_path: Path) -> None:
    path = parquet(tmp_path / "c.parquet", time=[FIRST], event=["cpi"])
    with pytest.raises(DataError) as caught:
        run(path, request(events=("cpi",)))
    assert str(caught.value) == f"no step can be made of {path}; add a file of bars"


def test_one_row_does_not_tell_how_long_a_bar_is(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        run(prices(tmp_path, close=[1.0]), request("close", bars=None))
    assert str(caught.value) == "the data does not tell how long a bar is; write it in the rule file, as in `bars 1h`"


def test_weeks_begin_on_mondays(tmp_path: Path) -> None:
    monday = 345_600 + 2_800 * 7 * DAY
    path = parquet(tmp_path / "a.parquet", time=[monday, monday + 7 * DAY], close=[1.0, 2.0])
    assert column(run(path, request("close", bars=7 * DAY)), "close") == {
        monday + 7 * DAY: 1.0,
        monday + 14 * DAY: 2.0,
    }
    path = parquet(tmp_path / "b.parquet", time=[monday + 3 * DAY, monday + 10 * DAY], close=[1.0, 2.0])
    with pytest.raises(DataError, match="is no open of a bar of 1w; correct or remove the row"):
        run(path, request("close", bars=7 * DAY))


@pytest.mark.parametrize("text", ["time,close\n2024-01-01T00:00Z,5\n", '{"time": 1704067200, "close": 5}\n'])
def test_standard_input_is_known_by_its_first_line(text: str) -> None:
    market = read([FileSpec("-")], request("close"), (), Stamp.OPEN, BytesIO(text.encode()))
    assert column(market, "close") == {FIRST + HOUR: 5.0}


def test_the_report_is_plain_data(tmp_path: Path) -> None:
    import json

    report = run(prices(tmp_path, close=[1.0, -2.0]), request("close")).report
    plain = json.loads(json.dumps(report.as_dict()))
    assert plain["files"][0]["refused"][0]["row"] == 2
    assert plain["files"][0]["columns"] == [{"field": "close", "column": "close", "scale": "1", "how": "by its name"}]


def test_the_report_for_people(tmp_path: Path) -> None:
    path = prices(tmp_path, close=[1.0, -2.0, 3.0])
    report = run(path, Request(need("close"), (), None, ("cpi",))).report
    assert report.undated == ("cpi",)
    assert report.lines() == [
        "data: 3 steps of 1h, known from 2024-01-01T01:00Z to 2024-01-01T03:00Z",
        f"  {path}: bars of 1h",
        "    span      2024-01-01T01:00Z to 2024-01-01T03:00Z",
        "    time      `time` is the OPEN of each bar; its values are known 1h later, at the close",
        "    rows      3 rows, 3 bars, no gap",
        "    column    close = `close`, by its name",
        "    refused   1 value of close, now missing; the first in row 2: `-2.0`, out of bounds: `close` is above 0",
    ]


def test_the_sample_of_three_assets_joins() -> None:
    sample = Path(__file__).parents[2] / "rulelang" / "data" / "sample"
    daily = Need(None, evolve(CATALOGUE["iv"], every=DAY))
    asked = Request((*need("close", "funding_8h"), daily), ("BTC", "ETH", "SOL"), HOUR, ("cpi", "fomc"))
    paths = [str(sample / f"synthetic-{part}.parquet") for part in ("bars-1h", "funding-8h", "iv-1d", "events")]
    market = run(paths, asked, stamp=None)
    assert len(list(market.steps)) == market.report.steps > 17_000
    assert not market.report.undated
    for asset in ("BTC", "ETH", "SOL"):
        assert len(column(market, "funding_8h", asset)) > 2000
        assert len(column(market, "iv", asset)) > 700
