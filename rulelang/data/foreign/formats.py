"""The table of formats: a new one is one more record."""

from rulelang.data.foreign import shapes
from rulelang.data.foreign.record import Format, Kind

_BARS = {"open": 1, "high": 2, "low": 3, "close": 4}
_NAMED = {name: name for name in _BARS}
_ARCHIVE = r"(?P<symbol>[A-Z0-9]+(?:_(?:PERP|\d{6}))?)-(?P<length>\d+(?:mo|[smhdwM]))-\d{4}-\d{2}(?:-\d{2})?\."
_AS_GIVEN = "the volume is as the exchange gives it: coins or, of some derivatives, contracts"

_RECORDS = (
    Format(
        "binance-klines", "Binance klines, spot and USD-M", Kind.BARS, ("csv", "lists"), 0,
        {**_BARS, "volume": 5}, shapes.klines, shapes.traded(5, 7), ends=6, files=_ARCHIVE,
    ),
    Format(
        "binance-coinm-klines", "Binance klines, COIN-M", Kind.BARS, ("csv", "lists"), 0,
        {**_BARS, "volume": 7, "volume_contracts": 5}, shapes.klines, shapes.contracts(5, 7),
        r"USD_(?:PERP|\d{6})\b", ends=6, files=_ARCHIVE,
    ),
    Format(
        "binance-mark-klines", "Binance mark price klines", Kind.BARS, ("csv", "lists"), 0, _BARS, shapes.klines,
        shapes.untraded(5), "markPriceKlines|mark_price_klines", ends=6, calls="mark", files=_ARCHIVE,
    ),
    Format(
        "binance-index-klines", "Binance index price klines", Kind.BARS, ("csv", "lists"), 0, _BARS, shapes.klines,
        shapes.untraded(5), "indexPriceKlines", ends=6, calls="index", files=_ARCHIVE,
    ),
    Format(
        "binance-premium-klines", "Binance premium index klines", Kind.BARS, ("csv", "lists"), 0, _BARS,
        shapes.klines, shapes.premium(5), "premiumIndexKlines", ends=6, calls="premium", files=_ARCHIVE,
    ),
    Format(
        "binance-funding", "Binance fundingRate archive", Kind.RATES, ("csv",), "calc_time",
        {"funding_rate": "last_funding_rate"},
        shapes.columns("calc_time", "funding_interval_hours", "last_funding_rate"), hours="funding_interval_hours",
        files=r"(?P<symbol>[A-Z0-9]+(?:_PERP)?)-fundingRate-",
    ),
    Format(
        "binance-funding-answer", "Binance funding rates from the API", Kind.RATES, ("objects",), "fundingtime",
        {"funding_rate": "fundingrate"}, shapes.columns("symbol", "fundingrate", "fundingtime"),
        shapes.negated(shapes.columns("realizedrate")), symbol="symbol",
    ),
    Format(
        "binance-funding-export", "funding history saved from Binance's site", Kind.RATES, ("csv",), "time",
        {"funding_rate": "funding rate"}, shapes.columns("time", "contracts", "funding interval", "funding rate"),
        hours="funding interval", symbol="contracts", zone=None, percent=True,
    ),
    Format(
        "binance-metrics", "Binance metrics (open interest), USD-M", Kind.VALUES, ("csv",), "create_time",
        {"open_interest": "sum_open_interest_value", "open_interest_coins": "sum_open_interest"},
        shapes.columns("create_time", "symbol", "sum_open_interest", "sum_open_interest_value"),
        shapes.negated(shapes.symbols("USD_")), symbol="symbol",
    ),
    Format(
        "binance-coinm-metrics", "Binance metrics (open interest), COIN-M", Kind.VALUES, ("csv",), "create_time",
        {"open_interest_coins": "sum_open_interest_value", "open_interest_contracts": "sum_open_interest"},
        shapes.columns("create_time", "symbol", "sum_open_interest", "sum_open_interest_value"),
        shapes.symbols("USD_"), symbol="symbol", remark="there is no open interest in USD, only in coins and contracts",
    ),
    Format(
        "binance-open-interest", "Binance open interest history from the API, USD-M", Kind.VALUES, ("objects",),
        "timestamp", {"open_interest": "sumopeninterestvalue", "open_interest_coins": "sumopeninterest"},
        shapes.columns("symbol", "sumopeninterest", "sumopeninterestvalue", "timestamp"), symbol="symbol",
    ),
    Format(
        "ccxt-ohlcv", "ccxt fetchOHLCV", Kind.BARS, ("lists",), 0, {**_BARS, "volume": 5}, shapes.bare(6),
        shapes.lively(5), remark=_AS_GIVEN,
    ),
    Format(
        "ccxt-funding", "ccxt fetchFundingRateHistory", Kind.RATES, ("objects",), "timestamp",
        {"funding_rate": "fundingrate"}, shapes.columns("symbol", "fundingrate", "timestamp", "datetime"),
        symbol="symbol",
    ),
    Format(
        "freqtrade-bars", "freqtrade bars", Kind.BARS, ("feather", "lists"), 0, {**_BARS, "volume": 5},
        shapes.freqtrade, shapes.lively(5), r"-\d+[mhdw](?:-futures)?\.", files=shapes.FREQTRADE, remark=_AS_GIVEN,
    ),
    Format(
        "freqtrade-mark", "freqtrade mark prices", Kind.BARS, ("feather", "lists"), 0, _BARS, shapes.freqtrade,
        shapes.untraded(5), r"-mark\.", calls="mark", files=shapes.FREQTRADE,
    ),
    Format(
        "freqtrade-index", "freqtrade index prices", Kind.BARS, ("feather", "lists"), 0, _BARS, shapes.freqtrade,
        shapes.untraded(5), r"-index\.", calls="index", files=shapes.FREQTRADE,
    ),
    Format(
        "freqtrade-premium", "freqtrade premium index", Kind.BARS, ("feather", "lists"), 0, _BARS, shapes.freqtrade,
        shapes.premium(5), r"-premiumIndex\.", calls="premium", files=shapes.FREQTRADE,
    ),
    Format(
        "freqtrade-funding", "freqtrade funding rates", Kind.RATES, ("feather", "lists"), 0, {"funding_rate": 1},
        shapes.freqtrade, shapes.rate_only, r"-funding_rate\.", files=shapes.FREQTRADE,
    ),
    Format(
        "bybit-klines", "Bybit klines, spot and linear", Kind.BARS, ("lists",), 0, {**_BARS, "volume": 5},
        shapes.answer(7, "retCode"), shapes.says("category", "spot", "linear"), symbol="symbol",
    ),
    Format(
        "bybit-inverse-klines", "Bybit klines, inverse", Kind.BARS, ("lists",), 0,
        {**_BARS, "volume": 6, "volume_contracts": 5}, shapes.answer(7, "retCode"), shapes.says("category", "inverse"),
        symbol="symbol",
    ),
    Format(
        "bybit-funding", "Bybit funding history", Kind.RATES, ("objects",), "fundingratetimestamp",
        {"funding_rate": "fundingrate"}, shapes.columns("symbol", "fundingrate", "fundingratetimestamp"),
        symbol="symbol",
    ),
    Format(
        "okx-spot-candles", "OKX candles, spot", Kind.BARS, ("lists",), 0, {**_BARS, "volume": 5},
        shapes.answer(9, "code"), shapes.traded(5, 7), final=8,
    ),
    Format(
        "okx-swap-candles", "OKX candles, swaps and futures", Kind.BARS, ("lists",), 0,
        {**_BARS, "volume": 6, "volume_contracts": 5}, shapes.answer(9, "code"), shapes.traded(6, 7), final=8,
    ),
    Format(
        "okx-funding", "OKX funding rate history", Kind.RATES, ("objects",), "fundingtime",
        {"funding_rate": "realizedrate"}, shapes.columns("instid", "fundingrate", "realizedrate", "fundingtime"),
        symbol="instid", remark="`realizedRate` is taken, the rate that was paid; `fundingRate` was the forecast",
    ),
    Format(
        "deribit-dvol", "Deribit DVOL", Kind.BARS, ("lists",), 0, _BARS, shapes.answer(5, "jsonrpc"), percent=True,
        calls="iv",
    ),
    Format(
        "deribit-chart", "Deribit chart data (get_tradingview_chart_data)", Kind.BARS, ("objects",), "ticks",
        {**_NAMED, "volume": "volume"}, shapes.beside("jsonrpc", "ticks", *_BARS, "volume", "cost"),
        shapes.traded("volume", "cost", "low", "high"),
    ),
    Format(
        "bitmex-funding", "BitMEX funding history", Kind.RATES, ("objects",), "timestamp",
        {"funding_rate": "fundingrate"},
        shapes.columns("timestamp", "symbol", "fundinginterval", "fundingrate", "fundingratedaily"),
        shapes.a_day("fundingrate", "fundinginterval", "fundingratedaily"), hours="fundinginterval", symbol="symbol",
    ),
    Format(
        "dydx-candles", "dYdX candles", Kind.BARS, ("objects",), "startedat", {**_NAMED, "volume": "basetokenvolume"},
        shapes.columns("startedat", "ticker", *_BARS, "basetokenvolume", "usdvolume"), symbol="ticker",
    ),
    Format(
        "dydx-funding", "dYdX historical funding", Kind.RATES, ("objects",), "effectiveat", {"funding_rate": "rate"},
        shapes.columns("ticker", "rate", "effectiveat", "effectiveatheight"), symbol="ticker",
    ),
    Format(
        "hyperliquid-funding", "Hyperliquid funding history", Kind.RATES, ("objects",), "time",
        {"funding_rate": "fundingrate"}, shapes.columns("coin", "fundingrate", "premium", "time"), symbol="coin",
    ),
    Format(
        "kraken-futures-candles", "Kraken Futures candles", Kind.BARS, ("objects",), "time",
        {**_NAMED, "volume": "volume"}, shapes.beside("more_candles", "time", *_BARS, "volume"),
        shapes.lively("volume"), remark=_AS_GIVEN,
    ),
    Format(
        "kraken-futures-mark", "Kraken Futures mark prices", Kind.BARS, ("objects",), "time", _NAMED,
        shapes.beside("more_candles", "time", *_BARS, "volume"), shapes.untraded("volume", "close"), "_mark",
        calls="mark",
    ),
    Format(
        "cryptodatadownload", "CryptoDataDownload bars", Kind.BARS, ("csv",), "unix",
        {**_NAMED, "volume": 7}, shapes.vendor, symbol="symbol",
    ),
    Format(
        "cryptodatadownload-coinm", "CryptoDataDownload bars, COIN-M", Kind.BARS, ("csv",), "unix",
        {**_NAMED, "volume": "volume base asset", "volume_contracts": "volume"},
        shapes.columns("unix", "date", "symbol", "open", "high", "low", "close", "volume", "volume base asset"),
        shapes.contracts("volume", "volume base asset", "low", "high"), symbol="symbol",
    ),
    Format(
        "funding-fetcher", "historical-funding-rates-fetcher", Kind.RATES, ("csv",), "date",
        {"funding_rate": "funding rate"}, shapes.columns("symbol", "date", "funding rate"), symbol="symbol", zone=None,
    ),
    Format(
        "ics", "iCalendar events", Kind.EVENTS, ("ics",), "time", {"event": "event"}, shapes.columns("time", "event"),
        zone=None,
    ),
)  # fmt: skip

FORMATS: dict[str, Format] = {record.name: record for record in _RECORDS}
"""Every format by its name, the one `--as` takes."""
