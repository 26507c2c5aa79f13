"""Files as exchanges, libraries and vendors give them, made of a few bars and settlements: one maker a format."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import polars
from attrs import frozen

from tests.data.making import HOUR

FIRST = 1_704_067_200
"""2024-01-01T00:00Z."""
KLINES = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"
)
METRICS = "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio"


@frozen
class Row:
    """One row: its stamp in seconds since 1970 and its values as texts: of a bar five, of anything else one."""

    time: int
    values: tuple[str, ...]


def bars(count: int = 5, length: int = HOUR) -> list[Row]:
    """Return bars that rise and fall a little."""
    closes = [Decimal("100.10") + Decimal(at * 7 % 5) / 100 for at in range(count + 1)]
    return [bar(FIRST + at * length, closes[at], closes[at + 1]) for at in range(count)]


def bar(time: int, opened: Decimal, close: Decimal, volume: str = "12.5") -> Row:
    high, low = max(opened, close) + Decimal("0.05"), min(opened, close) - Decimal("0.05")
    return Row(time, (str(opened), str(high), str(low), str(close), volume))


def rates(count: int = 5, length: int = 8 * HOUR) -> list[Row]:
    """Return settlements."""
    return [Row(FIRST + at * length, (f"0.000{at + 1}5",)) for at in range(count)]


# Rows as lines ────────────────────────────────────────────────────────────────────────────────────────────────────────

Cells = Callable[[Row], list[object]]


def _csv(rows: Sequence[Row], cells: Cells, head: str = "") -> str:
    return "".join(f"{line}\n" for line in ([head] if head else []) + [",".join(map(str, cells(row))) for row in rows])


def kline(row: Row, unit: int = 1000, length: int = HOUR) -> list[object]:
    """Return the twelve cells of a kline of a linear contract or of spot."""
    quote = Decimal(row.values[4]) * (Decimal(row.values[0]) + Decimal(row.values[3])) / 2
    stamp = row.time * unit
    return [stamp, *row.values, stamp + length * unit - 1, str(quote), 7, "1.0", "100.0", "0"]


def coin_kline(row: Row) -> list[object]:
    """Return the cells of a kline in contracts of 100 USD; the volume in coins is the row's."""
    coins = Decimal(row.values[4])
    count = (coins * Decimal(row.values[3]) / 100).quantize(Decimal("0.0000001"))
    cells = kline(row)
    cells[5], cells[7] = count, coins
    return cells


def quiet_kline(row: Row) -> list[object]:
    cells = kline(row)
    cells[5] = cells[7] = "0"
    return cells


def _texts(cells: list[object]) -> list[object]:
    """Return cells as Binance's API answers them: counts as numbers, amounts as texts."""
    return [cell if at in (0, 6, 8) else str(cell) for at, cell in enumerate(cells)]


def _document(rows: Sequence[Row], cells: Cells) -> str:
    return json.dumps([cells(row) for row in rows])


def _bare(row: Row) -> list[object]:
    return [row.time * 1000, *map(float, row.values)]


def _written(row: Row, pattern: str = "%Y-%m-%d %H:%M:%S") -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(row.time, UTC).strftime(pattern)


def _answer(place: str, records: object, **beside: object) -> str:
    document: object = records
    for key in reversed(place.split(".")):
        document = {key: document}
    assert isinstance(document, dict)
    return json.dumps(document | beside)


def _bybit(rows: Sequence[Row], category: str, cells: Cells) -> str:
    result = {"category": category, "symbol": "BTCUSDT", "list": [[str(c) for c in cells(row)] for row in rows[::-1]]}
    return json.dumps({"retCode": 0, "retMsg": "OK", "result": result, "time": (FIRST + 10**7) * 1000})


def _okx(rows: Sequence[Row], cells: Cells) -> str:
    return _answer("data", [[*map(str, cells(row)), "1"] for row in rows[::-1]], code="0", msg="")


def _turnover(row: Row) -> Decimal:
    return Decimal(row.values[4]) * Decimal(row.values[3])


def feather(rows: Sequence[Row]) -> bytes:
    """Return freqtrade's feather: five numbers a row."""
    import io

    columns: dict[str, object] = {"date": [row.time for row in rows]}
    names = ("open", "high", "low", "close", "volume")
    columns |= {name: [float(row.values[at]) for row in rows] for at, name in enumerate(names)}
    frame = polars.DataFrame(columns).with_columns(
        polars.from_epoch("date", "s").dt.cast_time_unit("ns").dt.replace_time_zone("UTC")
    )
    data = io.BytesIO()
    frame.write_ipc(data, compression="lz4")
    return data.getvalue()


def _padded(rows: Sequence[Row]) -> list[Row]:
    return [Row(row.time, (row.values[0], "0", "0", "0", "0")) for row in rows]


def _still(rows: Sequence[Row]) -> list[Row]:
    return [Row(row.time, (*row.values[:4], "0")) for row in rows]


VEVENT = "BEGIN:VEVENT\r\nUID:{at}\r\nDTSTAMP:20240101T000000Z\r\nDTSTART:{start}\r\nSUMMARY:{name}\r\nEND:VEVENT\r\n"


def ics(*events: tuple[str, str]) -> str:
    """Return a calendar of (DTSTART, SUMMARY)."""
    body = "".join(VEVENT.format(at=at, start=start, name=name) for at, (start, name) in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{body}END:VCALENDAR\r\n"


# Formats ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

Maker = Callable[[Sequence[Row]], str | bytes]


@frozen
class Sample:
    """A format: a file name that it may have, its maker, and the columns that bars (or rates) become."""

    format: str
    name: str
    make: Maker
    columns: tuple[str, ...] = ("open", "high", "low", "close", "volume")
    rates: bool = False


def _named(prefix: str) -> tuple[str, ...]:
    return (f"{prefix}_open", f"{prefix}_high", f"{prefix}_low", prefix)


def _rated(form: str, name: str, make: Maker) -> Sample:
    return Sample(form, name, make, ("funding_rate",), rates=True)


def _priced(row: Row) -> dict[str, object]:
    return dict(zip(("open", "high", "low", "close"), row.values, strict=False))


def _percent(text: str) -> str:
    return f"{Decimal(text) * 100:f}"


SAMPLES = (
    Sample("binance-klines", "klines.csv", lambda rows: _csv(rows, kline)),
    Sample("binance-klines", "headed.csv", lambda rows: _csv(rows, kline, KLINES)),
    Sample("binance-klines", "micros.csv", lambda rows: _csv(rows, lambda row: kline(row, 1_000_000))),
    Sample("binance-klines", "answer.json", lambda rows: _document(rows, lambda row: _texts(kline(row)))),
    Sample("binance-coinm-klines", "coinm.csv", lambda rows: _csv(rows, coin_kline, KLINES)),
    Sample("binance-mark-klines", "markPriceKlines.csv", lambda rows: _csv(rows, quiet_kline), _named("mark")),
    Sample("binance-index-klines", "indexPriceKlines.csv", lambda rows: _csv(rows, quiet_kline), _named("index")),
    Sample("ccxt-ohlcv", "ccxt.json", lambda rows: _document(rows, _bare)),
    Sample("freqtrade-bars", "BTC_USDT_USDT-1h-futures.feather", feather),
    Sample("freqtrade-bars", "BTC_USDT-1h.json", lambda rows: _document(rows, _bare)),
    Sample("freqtrade-mark", "BTC_USDT_USDT-1h-mark.feather", lambda rows: feather(_still(rows)), _named("mark")),
    Sample("freqtrade-index", "BTC_USDT_USDT-1h-index.feather", lambda rows: feather(_still(rows)), _named("index")),
    Sample("bybit-klines", "bybit.json", lambda rows: _bybit(
        rows, "linear", lambda row: [row.time * 1000, *row.values, _turnover(row)])),
    Sample("bybit-inverse-klines", "inverse.json", lambda rows: _bybit(
        rows, "inverse", lambda row: [row.time * 1000, *row.values[:4], _turnover(row), row.values[4]])),
    Sample("okx-swap-candles", "swap.json", lambda rows: _okx(
        rows, lambda row: [row.time * 1000, *row.values[:4], "1250", row.values[4], _turnover(row)])),
    Sample("okx-spot-candles", "spot.json", lambda rows: _okx(
        rows, lambda row: [row.time * 1000, *row.values, _turnover(row), _turnover(row)])),
    Sample("dydx-candles", "dydx.json", lambda rows: _answer("result.candles", [
        {"startedAt": _written(r, "%Y-%m-%dT%H:%M:%S.000Z"), "ticker": "BTC-USD", **_priced(r),
         "baseTokenVolume": r.values[4], "usdVolume": str(_turnover(r))} for r in rows[::-1]], status="success")),
    Sample("deribit-chart", "chart.json", lambda rows: _answer("result", {
        **{name: [row.values[at] for row in rows] for at, name in enumerate(("open", "high", "low", "close"))},
        "volume": [row.values[4] for row in rows],
        "ticks": [row.time * 1000 for row in rows], "cost": [str(_turnover(row)) for row in rows], "status": "ok",
    }, jsonrpc="2.0", usOut=(FIRST + 10**7) * 10**6)),
    Sample("kraken-futures-candles", "kraken.json", lambda rows: _answer("candles", [
        {"time": r.time * 1000, **_priced(r), "volume": r.values[4]} for r in rows], more_candles=False)),
    Sample("kraken-futures-mark", "futures_mark.json", lambda rows: _answer("candles", [
        {"time": r.time * 1000, **_priced(r), "volume": "0"} for r in rows], more_candles=False), _named("mark")),
    Sample("cryptodatadownload", "cdd.csv", lambda rows: "https://www.CryptoDataDownload.com\n" + _csv(
        rows[::-1], lambda row: [row.time * 1000, _written(row), "BTCUSDT", *row.values, _turnover(row), 3],
        "Unix,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT,tradecount")),
    Sample("cryptodatadownload-coinm", "cddm.csv", lambda rows: _csv(
        rows[::-1],
        lambda row: [row.time, _written(row), "BTCUSD_PERP", *row.values[:4], coin_kline(row)[5], row.values[4], 3],
        "Unix,Date,Symbol,Open,High,Low,Close,Volume,Volume Base Asset,tradecount")),
    _rated("binance-funding", "BTCUSDT-fundingRate-2024-01.csv", lambda rows: _csv(
        rows, lambda row: [row.time * 1000 + 3, 8, row.values[0]],
        "calc_time,funding_interval_hours,last_funding_rate")),
    _rated("binance-funding-answer", "funding.json", lambda rows: json.dumps(
        [{"symbol": "BTCUSDT", "fundingTime": r.time * 1000, "fundingRate": r.values[0], "markPrice": ""}
         for r in rows])),
    _rated("ccxt-funding", "history.json", lambda rows: json.dumps(
        [{"info": {"a": 1}, "symbol": "BTC/USDT:USDT", "fundingRate": float(r.values[0]), "timestamp": r.time * 1000,
          "datetime": _written(r, "%Y-%m-%dT%H:%M:%S.000Z")} for r in rows])),
    _rated("freqtrade-funding", "BTC_USDT_USDT-8h-funding_rate.feather", lambda rows: feather(_padded(rows))),
    _rated("freqtrade-funding", "BTC_USDT_USDT-8h-funding_rate.json",
           lambda rows: _document(_padded(rows), _bare)),
    _rated("bybit-funding", "bybit-f.json", lambda rows: _answer("result.list", [
        {"symbol": "BTCUSDT", "fundingRate": r.values[0], "fundingRateTimestamp": str(r.time * 1000)}
        for r in rows[::-1]], retCode=0)),
    _rated("bitmex-funding", "bitmex-f.json", lambda rows: json.dumps([
        {"timestamp": _written(r, "%Y-%m-%dT%H:%M:%S.000Z"), "symbol": "BTCUSD", "fundingRate": float(r.values[0]),
         "fundingInterval": "2000-01-01T08:00:00.000Z", "fundingRateDaily": float(Decimal(r.values[0]) * 3)}
        for r in rows])),
    _rated("dydx-funding", "dydx-f.json", lambda rows: _answer("result.historicalFunding", [
        {"ticker": "BTC-USD", "rate": r.values[0], "price": "89993.8", "effectiveAtHeight": str(r.time),
         "effectiveAt": _written(r, "%Y-%m-%dT%H:%M:%S.003Z")} for r in rows[::-1]], status="success")),
    _rated("hyperliquid-funding", "hyper.json", lambda rows: json.dumps(
        [{"coin": "BTC", "fundingRate": r.values[0], "premium": "0.0003", "time": r.time * 1000} for r in rows])),
    _rated("okx-funding", "okx-f.json", lambda rows: _answer("data", [
        {"instId": "BTC-USDT-SWAP", "fundingRate": "0.9", "realizedRate": r.values[0],
         "fundingTime": str(r.time * 1000)} for r in rows[::-1]], code="0")),
)  # fmt: skip


def write(folder: Path, sample: Sample, rows: Sequence[Row] | None = None) -> str:
    """Write a sample of a format."""
    made = sample.make((rates() if sample.rates else bars()) if rows is None else rows)
    path = folder / sample.name
    path.write_bytes(made if isinstance(made, bytes) else made.encode())
    return str(path)
