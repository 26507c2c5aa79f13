"""The programs of docs/examples/: shown whole in the pages, run here, put to the tests that their users would need."""

import ast
import importlib.util
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pandas
import pytest
from fastapi.testclient import TestClient

import rulelang

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = DOCS / "examples"
HOUR = 3600
MONDAY = 1_767_571_200
"""2026-01-05T00:00Z."""

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx`")


@pytest.fixture(autouse=True)
def among_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)


def example(name: str) -> ModuleType:
    """Return a new module of an example."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def falling(hours: int, since: int = 30) -> list[float]:
    return [60_000.0 - 400 * max(0, hour - since) for hour in range(hours)]


def code_cells() -> list[str]:
    cells = json.loads((EXAMPLES / "week.ipynb").read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_every_example_is_shown_whole() -> None:
    pages = (DOCS / "embedding.md", *(DOCS / "how-to").glob("*.md"))
    shown = "".join(page.read_text("utf-8") for page in pages)
    texts = {path.name: path.read_text("utf-8") for path in EXAMPLES.iterdir() if path.suffix in (".py", ".rules")}
    assert set(texts) == {"hedge.rules", "loop.py", "serve.py", "ruled.py"}
    for name, text in {**texts, "week.ipynb": code_cells()[0] + "\n"}.items():
        assert f"\n{text}```\n" in shown, name


# A loop ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stopped_at", [1, 31, 32, 47])
def test_a_loop_that_was_stopped_goes_on(stopped_at: int, tmp_path: Path) -> None:
    loop = example("loop")
    bars = [(hour * HOUR, {"close": close}) for hour, close in enumerate(falling(48), 1)]
    whole: list[float] = []
    loop.follow(bars, whole.append, tmp_path / "whole")
    halves: list[float] = []
    loop.follow(bars[:stopped_at], halves.append, tmp_path / "state")
    loop.follow(bars[stopped_at:], halves.append, tmp_path / "state")
    assert halves == whole == [0.6]
    with pytest.raises(rulelang.StepRefused):
        loop.follow(bars[-1:], halves.append, tmp_path / "state")


def test_a_loop_tells_alerts_and_is_short(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bars = [("2026-01-05T01:00Z", {"close": 100.0}), ("2026-01-05T04:00Z", {"close": 90.0})]
    hedges: list[float] = []
    example("loop").follow(bars, hedges.append, tmp_path / "state")
    assert hedges == [0.9]
    assert capsys.readouterr().out == "2026-01-05T04:00Z crash: fell by -10% in three hours\n"
    assert len((EXAMPLES / "loop.py").read_text("utf-8").splitlines()) <= 23


# A notebook ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def shown(cell: str, names: dict[str, Any]) -> Any:
    """Run a cell, and return what a notebook shows below it: the value of its last line."""
    *before, last = ast.parse(cell).body
    assert isinstance(last, ast.Expr)
    exec(compile(ast.Module(before, []), "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


def test_the_cells_of_the_notebook() -> None:
    names: dict[str, Any] = {}
    changes, hours = (shown(cell, names) for cell in code_cells())
    assert changes["hedge"].to_list() == [0.6] and changes["hedge_rule"].to_list() == ["falling"]
    assert hours["hedge"].to_list() == [0, 0.6] and hours["hours"].sum() == 168


# A web service ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def desk() -> Iterator[TestClient]:
    with TestClient(example("serve").app) as client:
        yield client


def posted(desk: TestClient, book: str, hour: int, **values: Any) -> Any:
    return desk.post("/decide", json={"book": book, "time": MONDAY + hour * HOUR, "values": values})


def test_each_book_has_its_state(desk: TestClient) -> None:
    for hour, close in enumerate(falling(40), 1):
        assert posted(desk, "spot", hour, close=close).status_code == 200
        assert posted(desk, "mining", hour, close=60_000).json()["hedge"] == 0
    answer = posted(desk, "spot", 41, close=51_480).json()
    assert answer == {
        "hedge": 0.9, "desired": 0.9, "rule": "falling", "held": None, "active": ["falling", "crash"],
        "alerts": ["fell by -10% in three hours"], "missing": [], "rejected": [],
    }  # fmt: skip


def test_it_says_what_is_missing_and_what_is_refused(desk: TestClient) -> None:
    assert posted(desk, "spot", 1).json()["missing"] == ["close"]
    answer = posted(desk, "spot", 2, close=-5).json()
    assert (answer["hedge"], answer["missing"], answer["rejected"]) == (0, [], ["close"])
    assert posted(desk, "spot", 3, close="sixty thousand").json()["rejected"] == ["close"]


@pytest.mark.parametrize(
    ("time", "message"),
    [
        ("2026-01-05T01:00Z", "the step at 2026-01-05T01:00Z does not come after the last one, at 2026-01-05T02:00Z"),
        ("2026-01-05T03:30Z", "2026-01-05T03:30Z is not the close of a bar of 1h"),
        ("2026-01-05T03:00", "the time 2026-01-05T03:00:00 has no zone"),
        ("tomorrow", "`tomorrow` is no time: write it as 2026-12-10T13:30Z"),
        (1e300, "is no time: it lies more than"),
    ],
)
def test_a_bar_that_is_refused_changes_nothing(time: str | float, message: str, desk: TestClient) -> None:
    assert posted(desk, "spot", 2, close=100).status_code == 200
    answer = desk.post("/decide", json={"book": "spot", "time": time, "values": {"close": 1}})
    assert answer.status_code == 422
    assert message in answer.json()["detail"]
    assert posted(desk, "spot", 3, close=100).json()["alerts"] == []


def test_a_book_that_is_not_there_and_a_request_that_is_none(desk: TestClient) -> None:
    answer = posted(desk, "sopt", 1, close=100)
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no book `sopt`; there are spot, mining")
    assert desk.post("/decide", json={"book": "spot", "values": {}}).status_code == 422
    assert desk.post("/decide", json={"book": "spot", "time": 3600, "values": {"close": [1]}}).status_code == 422
    assert desk.post("/decide", content="close=100").status_code == 422


def test_many_requests_at_once_decide_each_bar_once(desk: TestClient) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda hour: posted(desk, "spot", 1 + hour // 4, close=60_000), range(80)))
    decided = [answer for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} == {200, 422}
    assert 1 <= len(decided) <= 20


# A freqtrade strategy ─────────────────────────────────────────────────────────────────────────────────────────────────

ORDER = {"order_type": "limit", "amount": 1.0, "rate": 1.0, "time_in_force": "GTC", "entry_tag": None}
RATES = dict.fromkeys(
    ["current_rate", "current_profit", "current_entry_rate", "current_exit_rate", "current_entry_profit",
     "current_exit_profit"], 1.0,
)  # fmt: skip
NOW = datetime(2026, 1, 7, tzinfo=UTC)


def candles(closes: list[float]) -> pandas.DataFrame:
    """Return a frame as freqtrade has it: `date` is the open of each candle."""
    dates = pandas.to_datetime([MONDAY + HOUR * hour for hour in range(len(closes))], unit="s", utc=True)
    return pandas.DataFrame(
        {"date": dates, "open": closes, "high": closes, "low": closes, "close": closes, "volume": 1.0}
    )


class Trade(SimpleNamespace):
    """What the callbacks ask of a trade."""

    def __init__(self, stake: float, **changed: Any) -> None:
        super().__init__(pair="BTC/USDT", stake_amount=stake, is_short=False, has_open_orders=False, kept={}, **changed)

    def get_custom_data(self, key: str, default: Any = None) -> Any:
        return self.kept.get(key, default)

    def set_custom_data(self, key: str, value: Any) -> None:
        self.kept[key] = value


def strategy(frame: pandas.DataFrame, timeframe: str = "1h") -> Any:
    """Return the callbacks with what a strategy has besides: a timeframe, and candles that can be exchanged."""
    found = example("ruled").Ruled()
    found.timeframe, found.frame = timeframe, frame
    found.dp = SimpleNamespace(get_analyzed_dataframe=lambda pair, timeframe: (found.frame, NOW))
    found.bot_start()
    return found


def confirmed(one: Any, side: str = "long") -> bool:
    return bool(one.confirm_trade_entry("BTC/USDT", current_time=NOW, side=side, **ORDER))


def adjusted(one: Any, trade: Trade, least: float | None = 10.0, most: float = 1000.0) -> float | None:
    found: float | None = one.adjust_trade_position(trade, NOW, min_stake=least, max_stake=most, **RATES)
    return found


def test_a_candle_is_known_at_its_close_and_taken_once() -> None:
    frame = candles(falling(60))
    rules = rulelang.load("hedge.rules")
    opened = rules.over(frame.rename(columns={"date": "open_time"}))["hedge"].tolist()
    one = strategy(frame)
    found = []
    for last in range(1, 61):
        one.frame = frame[max(0, last - 30) : last]  # a window that moves on, as live
        found.append(one.hedge("BTC/USDT"))
        assert one.hedge("BTC/USDT") == found[-1]
    assert found == opened
    assert one.followers["BTC/USDT"].run.last == MONDAY + 60 * HOUR


def test_an_entry_is_confirmed_while_little_is_hedged() -> None:
    assert confirmed(strategy(candles(falling(30))))
    assert not confirmed(strategy(candles(falling(60))))
    assert confirmed(strategy(candles(falling(60))), side="short")


def test_what_can_not_be_decided_is_not_entered(caplog: pytest.LogCaptureFixture) -> None:
    frame = candles(falling(30))
    frame["date"] += pandas.Timedelta(minutes=7)
    assert not confirmed(strategy(frame))
    assert "BTC/USDT is not entered: the rules could not decide" in caplog.text


def test_of_an_open_trade_only_the_part_that_is_not_hedged_is_kept() -> None:
    trade = Trade(500.0)
    assert adjusted(strategy(candles(falling(30))), trade) is None
    assert adjusted(strategy(candles(falling(60))), trade) == pytest.approx(-300)
    trade.stake_amount = 200.0
    assert adjusted(strategy(candles(falling(60))), trade) is None
    assert adjusted(strategy(candles(falling(30))), trade) == pytest.approx(300)
    assert adjusted(strategy(candles(falling(30))), trade, most=120.0) == pytest.approx(120)


def test_trades_that_are_left_alone() -> None:
    one = strategy(candles(falling(60)))
    short, waiting = Trade(500.0), Trade(500.0)
    short.is_short, waiting.has_open_orders = True, True
    assert adjusted(one, short) is None and adjusted(one, waiting) is None


@pytest.mark.parametrize(
    ("held", "hedge", "least", "change"),
    [
        (1000, 0.0, 10, None),
        (1000, 0.995, 10, -1000),  # a rest of 5 could never be sold
        (1000, 0.005, 10, None),
        (1000, 0.005, None, None),  # not worth an order
        (0.0, 1.0, 10, None),
        (400, 0.6, None, None),
    ],
)
def test_the_change_of_a_stake(held: float, hedge: float, least: float | None, change: float | None) -> None:
    found = example("ruled").stake_change(1000.0, held, hedge, least, 5000.0)
    assert found == (None if change is None else pytest.approx(change))


def test_rules_that_candles_can_not_feed_are_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="the rules say `bars 1h`, so `5m` can't be given"):
        strategy(candles([1.0]), timeframe="5m")
    follower = example("ruled").Follower
    with pytest.raises(ValueError, match="the rules read funding_8h, iv, which candles don't have"):
        follower(rulelang.loads("when iv > 80% and funding_8h > 0.1% then hedge 50%"), "1h")
