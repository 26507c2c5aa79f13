"""The bounds on what a file may ask (section 10): past each a diagnostic, quickly, and never a crash."""

import pytest

import rulelang
from rulelang import RuleError
from tests.examples.saying import codes, errors
from tests.patience import within

THEN = "then hedge 50%"
LARGE = "9" * 308
"""Nearly the largest number that can be computed with."""


@pytest.mark.slow
def test_ten_thousand_rules_are_enough() -> None:
    lines = [f"when close > {at} {THEN}" for at in range(10_001)]
    with within(60):
        assert codes(errors("\n".join(lines))) == ["RL114"]


@pytest.mark.slow
def test_ten_thousand_rules_are_allowed() -> None:
    with within(60):
        assert errors("\n".join(f"when close > {at} {THEN}" for at in range(10_000))) == []


@pytest.mark.parametrize("character", ["x", "é", "\U0001f600"])
def test_a_mebibyte_of_text(character: str) -> None:
    size = len(character.encode())
    longest = "#" + character * (((1 << 20) - 1) // size)
    assert errors(longest) == []
    assert codes(errors(longest + character)) == ["RL110"]
    assert codes(errors((longest + character).encode())) == ["RL110"]


@pytest.mark.parametrize(
    "condition",
    [
        "close > sma(close, 1_000_001)",
        "close > 1 for 1_000_001 periods",
        "close > 1 for 1 of 2_000_000 periods",
        "close rises 1% over 2_000_000 periods",
        "close > sma(close, 200y)",
        "close > 1 for 200y",
    ],
)
def test_a_window_of_a_million_periods(condition: str) -> None:
    assert codes(errors(f"bars 1h when {condition} {THEN}")) == ["RL406"]


def test_windows_of_a_million_periods_are_allowed() -> None:
    assert errors(f"bars 1h when close > sma(close, 1_000_000) {THEN}") == []


def test_the_state_of_all_windows() -> None:
    lets = [f"let a{at} = sma(close + {at}, 1_000_000)" for at in range(40)]
    asked = " and ".join(f"a{at} > 100" for at in range(40))
    assert codes(errors("\n".join(["bars 1h", *lets, f"when {asked} {THEN}"]))) == ["RL406"]


def test_the_state_counts_for_every_asset() -> None:
    text = (
        f"assets BTC, ETH\nbars 1h\nlet a = median(close, 1_000_000)\nlet b = median(open, 1_000_000) when a > b {THEN}"
    )
    size = rulelang.loads(text.replace("BTC, ETH", "BTC")).summary.state
    names = ", ".join(f"A{at}" for at in range((256 << 20) // size + 1))
    assert codes(errors(text.replace("BTC, ETH", names))) == ["RL406"]


# --- nesting ---------------------------------------------------------------------------------------------------------


def test_a_hundred_parentheses_are_allowed() -> None:
    assert errors(f"when {'(' * 100}close > 1{')' * 100} {THEN}") == []


@pytest.mark.parametrize("depth", [101, 1_000, pytest.param(100_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("opening", "inner", "closing"),
    [
        ("(", "close > 1", ")"),
        ("abs(", "close", ") > 1"),
        ("not ", "close > 1", ""),
        ("-", "close", " > 1"),
        ("- ", "1", " < close"),
    ],
    ids=["parentheses", "calls", "nots", "minuses", "spaced"],
)
def test_nesting(opening: str, inner: str, closing: str, depth: int) -> None:
    end = closing[0] * depth + closing[1:] if closing.startswith(")") else closing
    with within(20):
        assert codes(errors(f"bars 1h when {opening * depth}{inner}{end} {THEN}")) == ["RL111"]


def test_nesting_in_a_text() -> None:
    with within(20):
        for depth in (101, 5_000):
            hole = "(" * depth + "close" + ")" * depth
            assert codes(errors(f'when close > 1 then alert "{{{hole}}}"')) == ["RL111"]
            assert codes(errors(f'when close > 1 then alert "{{{"-" * depth}close}}"')) == ["RL111"]


@pytest.mark.parametrize("joint", [" + ", " * ", " - "])
@pytest.mark.parametrize("terms", [1_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_long_sums(joint: str, terms: int) -> None:
    """A chain is no nesting for who reads it: it is accepted, or refused with a diagnostic."""
    operand = "2" if joint == " * " else "close"
    _no_crash(f"bars 1h when {joint.join([operand] * terms)} > 1 {THEN}")


@pytest.mark.parametrize("joint", [" and ", " or ", " and not "])
@pytest.mark.parametrize("terms", [1_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_long_conditions(joint: str, terms: int) -> None:
    _no_crash(f"bars 1h when {joint.join(['close > open'] * terms)} {THEN}")


def test_a_chain_that_is_accepted_runs() -> None:
    """Whatever `check` lets through can be run, recorded and saved."""
    for text in (
        " + ".join(["close"] * 99) + " > 1",
        " and ".join(["close > 1"] * 99),
        "(" * 99 + "close > 1" + ")" * 99,
    ):
        rules = rulelang.loads(f"when {text} {THEN}")
        run = rules.start()
        assert run.step(3600, {"close": 2.0}).hedge == 0.5
        assert rules.resume(run.snapshot()).step(7200, {"close": 0.01}).hedge == 0.0


def _no_crash(text: str) -> None:
    with within(30):
        assert set(codes(errors(text))) <= {"RL111"}


# --- lets ------------------------------------------------------------------------------------------------------------


def _chain(first: str, each: str, count: int, last: str) -> str:
    lets = [f"let a{at + 1} = {each.replace('A', f'a{at}')}" for at in range(count)]
    return "\n".join(["bars 1h", f"let a0 = {first}", *lets, last.replace("A", f"a{count}")])


@pytest.mark.parametrize(
    ("first", "each", "last"),
    [
        ("close", "A + A", "when A > 1 then hedge 50%"),
        ("5%", "min(A, A)", "when close > 1 then hedge A"),
        ("close > 1", "A and A", "when A then hedge 50%"),
        ("close > 1", "A or not A", "when A then hedge 50% until not A"),
        ("hedge", "A + A", "when A > 1% then hedge 50%"),
        ("close", "A + A", "when A@1d > 1 then hedge 50%"),
        ("1%", "A + A", "when iv > A then hedge 50%"),
    ],
)
def test_lets_that_are_used_twice(first: str, each: str, last: str) -> None:
    """Work grows with the text, not with what it would be when every let were written out."""
    with within(10):
        rulelang.check(_chain(first, each, 40, last))


def test_records_of_lets_that_are_used_twice() -> None:
    with within(10):
        rules = rulelang.loads(_chain("close > 1", "A and A", 24, "when A then hedge 50%"))
        assert rules.start().step(3600, {"close": 2}).hedge == 0.5


def test_squares_of_squares() -> None:
    with within(10):
        rulelang.check(_chain("3", "A * A", 40, "when close > A then hedge 50%"))


@pytest.mark.parametrize("last", ["when A > 1 then hedge 50%", "when A@1d > 1 then hedge 50%"])
@pytest.mark.parametrize("first", ["close", "1"])
def test_lets_upon_lets(first: str, last: str) -> None:
    with within(20):
        found = errors(_chain(first, "A + 1", 3_000, last))
        assert set(codes(found)) <= {"RL111"}


# --- numbers that are too large --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        f"when funding_8h > {LARGE}% per 1m then hedge 50%",
        f"when close > {LARGE} * {LARGE} then hedge 50%",
        f"when close > 1 then hedge {LARGE}% * {LARGE}",
        f"param p = {LARGE} * {LARGE} when close > p then hedge 50%",
        f"target leverage between 0 and {LARGE} * 10 when close > 1 then leverage 1",
        f"field heat : number in 0 .. {LARGE} * {LARGE} when heat > 1 then hedge 50%",
        f"when close > {'9' * 400} then hedge 50%",
        f"when close > sma(close, {LARGE}) then hedge 50%",
        f"when close > percentile(close, {LARGE}, 3) then hedge 50%",
        f"when close > 1 for {LARGE} periods then hedge 50%",
        f"when close > 1 for {LARGE}h then hedge 50%",
        f"when close > 1 then hedge 50% test t given close = 1 x {LARGE} expect hedge = 50%",
    ],
)
def test_numbers_that_are_too_large(rule: str) -> None:
    text = f"bars 8h {rule}"
    rulelang.check(text)
    try:
        rules = rulelang.loads(text)
    except RuleError:
        return
    rules.start().step(28_800, {"close": 2, "funding_8h": 0.001, "heat": 2})


def test_bounds_as_wide_as_numbers_go() -> None:
    text = f"target leverage between -{LARGE} and {LARGE} when close > 1 then leverage 1"
    try:
        rules = rulelang.loads(text)
    except RuleError:
        return
    assert rules.start().step(3600, {"close": 2}).targets["leverage"].after == 1


# --- texts that nobody writes ----------------------------------------------------------------------------------------


NONSENSE = {
    "when": "when " * 200_000,
    "let let": "let let " * 120_000,
    "let #": "let #\n" * 150_000,
    "rule": "rule " * 200_000,
    "quotes": '"' * 1_000_000,
    "given": "given " * 150_000,
    "cyrillic": "\u0430 " * 300_000,
    "holes": 'when close > 1 then alert "' + "{close}" * 100_000 + '"',
    "space": "let" + " " * 1_000_000 + "a",
    "parentheses": "(" * 1_000_000,
    "nul": "\x00" * 1_000_000,
    "remarks": "#\n" * 500_000,
    "one line": "when close > 1 then hedge 1% " * 9_999,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NONSENSE)
def test_a_mebibyte_of_nonsense_is_quick(name: str) -> None:
    """Seconds on a busy machine, where what is still to be repaired takes a multiple of its time on an idle one."""
    with within(8 if name in ("when", "let #", "holes", "nul") else 60):
        rulelang.check(NONSENSE[name])


def test_surrogates() -> None:
    """Half a character can't be written to a file, but a host may hand one over."""
    assert codes(errors(f"when close > 1 \ud800 {THEN}")) == ["RL101"]
