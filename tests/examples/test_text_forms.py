"""Text as people write it: encodings, line ends, comments, look-alikes, literals."""

import pytest

import rulelang
from tests.examples.saying import codes, errors

RULE = "when close > 5 then hedge 50%"


@pytest.mark.parametrize(
    "text",
    [
        RULE,
        "\ufeff" + RULE,
        b"\xef\xbb\xbf" + RULE.encode(),
        RULE.replace(" ", "\r\n"),
        RULE.replace(" ", "\r"),
        RULE.replace(" ", "\t"),
        RULE.replace(" ", "\n\n  "),
        f"# a remark\n{RULE} # another",
        RULE.replace(" ", " # é и \u201c\n"),
        f"{RULE}\n# the end",
    ],
)
def test_forms_of_one_text(text: str | bytes) -> None:
    assert rulelang.check(text) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("when cl\u043ese > 5 then hedge 50%", "U+043E"),
        ("when close > 5\u200b then hedge 50%", "U+200B"),
        ("when close\x00 > 5 then hedge 50%", "U+0000"),
        ("when close > 5 then hedge 50%\x1b[0m", "U+001B"),
        ("when close \u2265 5 then hedge 50%", "U+2265"),
        ("when close > 5\u00a0then hedge 50%", "U+00A0"),
        ("when close > \u0665 then hedge 50%", "U+0665"),
        ('when close > 5 then alert "a\u202eb"', "U+202E"),
        ("\ufeff\ufeff" + RULE, "U+FEFF"),
        ("when close > 5 then hedge 50%\u2028", "U+2028"),
    ],
)
def test_characters_that_do_not_belong(text: str, named: str) -> None:
    (found,) = errors(text)
    assert found.code == "RL101" and named in found.message


def test_letters_in_texts_and_comments_are_free() -> None:
    text = "\u0446\u0435\u043d\u0430 \u2265 5 \U0001f680"
    assert rulelang.check(f'when close > 5 then alert "{text}" # {text}') == []


def test_bytes_that_are_no_utf8() -> None:
    assert codes(errors(RULE.encode() + b" \xff\xfe")) == ["RL101"]
    assert codes(errors(RULE.encode("utf-16")))


@pytest.mark.parametrize(
    ("written", "value"),
    [("65_000.5", 65_000.5), ("0.1", 0.1), ("1_0.2_5", 10.25), ("5%", None), ("5 USD", 5), ("5 USDT", 5), ("007", 7)],
)
def test_numbers(written: str, value: float | None) -> None:
    found = rulelang.check(f"when close >= {written} then hedge 50%")
    assert (codes(found) == ["RL301"]) if value is None else (found == [])
    if value is not None:
        rules = rulelang.loads(f"when close >= {written} then hedge 50%")
        assert [rules.decide({"close": close}).hedge for close in (value, value * (1 - 1e-15))] == [0.5, 0]


@pytest.mark.parametrize("percent", ["0.05%", "0.07%", "33.3%", "1.1%", "0.29%", "57%", "99.99%", "0.000_1%"])
def test_a_percentage_is_divided_as_a_decimal(percent: str) -> None:
    from decimal import Decimal

    exact = float(Decimal(percent.rstrip("%").replace("_", "")) / 100)
    rules = rulelang.loads(f"when iv >= {percent} then hedge 50%")
    assert rules.decide({"iv": exact}).hedge == 0.5
    assert rules.decide({"iv": exact * (1 - 2e-16)}).hedge == 0


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("90m", 5400), ("8h", 28_800), ("1d", 86_400), ("2w", 1_209_600), ("1y", 31_536_000), ("1_000m", 60_000)],
)
def test_durations(duration: str, seconds: int) -> None:
    assert rulelang.loads(f"bars {duration} {RULE}").bars == seconds


@pytest.mark.parametrize("duration", ["0h", "1M", "1mo", "1 h", "-1h", "1.5h", "99999y", "1s"])
def test_durations_that_are_none(duration: str) -> None:
    assert errors(f"bars {duration} {RULE}")


@pytest.mark.parametrize("zone", ["Z", "+00:00", "-05:00", "+14:00"])
def test_times_have_a_zone(zone: str) -> None:
    assert rulelang.check(f"bars 1h when within 8h before 2026-12-10T13:30{zone} then hedge 50%") == []


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("2026-12-10T13:30", "RL109"),
        ("2026-13-10", "RL112"),
        ("2026-02-30", "RL112"),
        ("2026-12-10T25:00Z", "RL112"),
        ("2026-12-10T13:30+99:00", "RL112"),
        ("0000-01-01", "RL112"),
    ],
)
def test_times_that_are_none(moment: str, code: str) -> None:
    assert codes(errors(f"bars 1h when within 8h before {moment} then hedge 50%")) == [code]


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        ("when close > 20 BTC then hedge 1%", "RL301"),
        ("when volume > 20 USD then hedge 1%", "RL301"),
        ("when close > 5 EUR and close + 5 USD > 6 EUR then hedge 1%", "RL301"),
        ("when volume + 5 BTC > 5 ETH then hedge 1%", "RL301"),
    ],
)
def test_units_that_do_not_mix(clause: str, code: str) -> None:
    assert code in codes(errors(clause))


def test_dollars_count_as_one() -> None:
    assert rulelang.check("when close + 5 USDT > 6 USDC - 1 USD then hedge 1%") == []


@pytest.mark.parametrize("word", ["when", "hedge_", "for", "rule", "let", "missing", "per"])
def test_keywords_are_reserved(word: str) -> None:
    found = errors(f"let {word} = close when {word} > 5 then hedge 50%")
    assert (found == []) if word == "hedge_" else (f"{word}_" in [fix.text for one in found for fix in one.fixes])


@pytest.mark.parametrize(
    "name", ["x", "level", "step", "change", "cooldown", "once", "least", "most", "up", "down", "all", "but", "to"]
)
def test_words_that_may_be_names(name: str) -> None:
    assert rulelang.check(f"let {name} = close when {name} > 5 then hedge 50%") == []


def test_every_mistake_comes_in_one_go_and_once() -> None:
    text = "when funding_8h > 0.05 then hedge 50%\nlet a =\nwhen clsoe > 1 then hedge 1%\nbars 1h\nbars 2h\n"
    text += "when close > 1 then hedge 0.7"
    found = errors(text)
    assert [(one.position.line, one.code) for one in found] == [
        (1, "RL302"),
        (2, "RL103"),
        (3, "RL201"),
        (5, "RL207"),
        (6, "RL302"),
    ]
