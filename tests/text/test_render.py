"""The renderer: what a person, an editor, a build server and a code scanner get to see of a diagnostic."""

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulelang.text import Diagnostic, Fix, Severity, Source, Span
from rulelang.text.render import as_json, github, sarif, text, visible
from tests.golden import check

RULES = """\
assets BTC
bars 1h

when funding_8h > 0.05 then hedge 70%

rule trend
  when close < sma(close, 200)
    and rsi(close, 14) < 30
    or iv > 80% for 3 periods
  then hedge at least 75%
"""
WHY = (
    "funding is a rate; a bare 0.05 would be 5% every 8 hours, a hundred times what is usual, "
    "and the rule would never become active"
)


def diagnostic(
    source: Source,
    found: str | Span,
    message: str = "a `rate` is compared with the number `0.05`",
    *,
    why: str = "",
    fixes: tuple[tuple[str, str | Span], ...] = (),
    severity: Severity = Severity.ERROR,
) -> Diagnostic:
    repairs = tuple(Fix(new, span(source, old), certain=not i) for i, (new, old) in enumerate(fixes))
    return Diagnostic("RL301", severity, source, span(source, found), message, why, repairs)


def span(source: Source, found: str | Span) -> Span:
    if isinstance(found, Span):
        return found
    start = source.text.index(found)
    return Span(start, start + len(found))


def examples() -> list[Diagnostic]:
    source = Source("rules/my trend.rules", RULES)
    behind = source.text.index("200)") - len(", ")
    return [
        diagnostic(source, "0.05", why=WHY, fixes=(("0.05%", "0.05"), ("5%", "0.05"))),
        diagnostic(
            source,
            "rsi(close, 14) < 30\n    or iv > 80% for 3 periods",
            "`for` binds to `iv > 80%` alone",
            why="behind `and` or `or` without parentheses it is easily misread",
            fixes=(("(", Span(behind, behind)), ("", "  then hedge at least 75%")),
            severity=Severity.WARNING,
        ),
        diagnostic(source, Span(len(RULES), len(RULES)), "the text ends within a rule", fixes=(("until", "rule"),)),
    ]


def shown(content: str, found: str | Span, width: int = 100) -> str:
    return text([diagnostic(Source("a.rules", content), found, "found")], colour=False, width=width)


def rows(content: str, found: str | Span, width: int = 100) -> list[str]:
    """Return the rows of source and underlines, without the gutter."""
    _headline, _place, _blank, *body = shown(content, found, width).split("\n")[:-1]
    return [line.partition("|")[2].removeprefix(" ") for line in body]


def test_goldens() -> None:
    diagnostics = examples()
    check("render/text.txt", text(diagnostics, colour=False, width=80))
    check("render/coloured.txt", visible(text(diagnostics, colour=True, width=80)).replace("\\n", "\n"))
    check("render/diagnostics.json", json.dumps(as_json(diagnostics), indent=2) + "\n")
    check("render/github.txt", github(diagnostics))
    check("render/sarif.json", json.dumps(sarif(diagnostics, version="0.1.0", titles={}), indent=2) + "\n")


def test_nothing_shows_nothing() -> None:
    assert text([], colour=True, width=80) == github([]) == ""
    assert as_json([]) == []


@pytest.mark.parametrize(
    ("content", "found", "expected"),
    [
        ("when a > 1", "a", ["when a > 1", "     ^"]),
        ("\twhen\ta > 1", "a", ["    when    a > 1", "            ^"]),
        ("日本 a", "本", ["日本 a", "  ^^"]),
        ("日本 a", "a", ["日本 a", "     ^"]),
        ("e\u0301 a", "a", ["e\u0301 a", "  ^"]),
        ("e\u0301", Span(1, 2), ["e\u0301", " ^"]),
        ("a \x1b[31m b", "b", ["a \\x1b[31m b", "           ^"]),
        ("a\u202eb", "\u202e", ["a\\u202eb", " ^^^^^^"]),
        ("when a", Span(6, 6), ["when a", "      ^"]),
        ("when a", Span(5, 5), ["when a", "     ^"]),
        ("", Span(0, 0), ["", "^"]),
        ("when a\n", Span(5, 7), ["when a", "     ^"]),
        ("when a\n", Span(7, 7), ["", "^"]),
        ("a\n b\n", "a\n b", ["a", "^", " b", " ^"]),
    ],
)
def test_underline(content: str, found: str | Span, expected: list[str]) -> None:
    assert rows(content, found) == expected


def test_a_span_of_many_lines_shows_the_first_and_the_last() -> None:
    body = shown("\n" * 8 + "(a\n b\n c) d", "(a\n b\n c)").splitlines()
    assert body[1:] == ["  --> a.rules:9:1", "   |", " 9 | (a", "   | ^^", "...", "11 |  c) d", "   |  ^^"]


@given(
    before=st.text(st.characters(exclude_characters="\n"), max_size=200),
    marked=st.text(st.characters(exclude_characters="\n"), max_size=200),
    behind=st.text(st.characters(exclude_characters="\n"), max_size=200),
    width=st.integers(40, 120),
)
def test_any_line_fits_and_keeps_its_mark(before: str, marked: str, behind: str, width: int) -> None:
    source, underline = rows(before + marked + behind, Span(len(before), len(before) + len(marked)), width)
    assert len(underline) <= width - 4
    assert sum(map(cells, source)) <= width - 4
    assert re.fullmatch(r" *\^+", underline)


def cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def test_a_long_line_is_cut_around_its_mark() -> None:
    source, underline = rows("let a = " + "1 + " * 100 + "bad + " + "1 + " * 100, "bad", 60)
    assert source.startswith("…") and source.endswith("…")
    assert source[underline.index("^") : len(underline)] == "bad"


def test_why_is_wrapped_to_the_width() -> None:
    lines = text(examples()[:1], colour=False, width=50).splitlines()
    why = [line for line in lines if line.startswith(("  = why:", "         "))]
    assert len(why) == 4 and max(map(len, why)) <= 50
    assert " ".join(line.removeprefix("  = why:").strip() for line in why) == WHY


def test_fixes_say_write_add_or_remove() -> None:
    source = Source("a.rules", "rule a\n  when b")
    fixes = (("b > 1", "b"), (" until x", Span(15, 15)), ("on BTC", Span(6, 6)), ("x\n ", Span(0, 0)), ("", "rule"))
    shown = text([diagnostic(source, "b", fixes=fixes)], colour=False, width=80)
    assert [line.partition("help: ")[2] for line in shown.splitlines() if "help:" in line] == [
        "write `b > 1` in place of `b`",
        "add `until x` behind `b`",
        "add `on BTC` behind `a` (line 1)",
        "add `x` at the start of the line (line 1)",
        "remove `rule` (line 1)",
    ]


def test_a_pipe_gets_no_escapes_whatever_the_texts_hold() -> None:
    evil = "\x1b[2J\u202e\r\x07"
    source = Source(f"a{evil}.rules", f"when {evil} then")
    shown = text([diagnostic(source, evil, evil, why=evil, fixes=((evil, evil),))], colour=False, width=80)
    assert not set(shown) & {"\x1b", "\u202e", "\r", "\x07"}


def test_colour_changes_nothing_but_colour() -> None:
    coloured = text(examples(), colour=True, width=80)
    stripped = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [line.rstrip() for line in stripped.splitlines()] == text(examples(), colour=False, width=80).splitlines()


def test_github_escapes_what_its_format_uses() -> None:
    source = Source("a:b,c%.rules", "x")
    command = github([diagnostic(source, "x", "50%, then:\r\nmore")])
    assert command == (
        "::error file=a%3Ab%2Cc%25.rules,line=1,col=1,endLine=1,endColumn=2,title=RL301::50%25, then:%0D%0Amore\n"
    )


def test_json_tells_lines_columns_and_fixes() -> None:
    (record,) = as_json(examples()[:1])
    assert (record["line"], record["column"], record["end_line"], record["end_column"]) == (4, 19, 4, 23)
    assert record["fixes"][0] == {
        "text": "0.05%",
        "line": 4,
        "column": 19,
        "end_line": 4,
        "end_column": 23,
        "certain": True,
    }


def test_sarif_holds_what_the_standard_requires() -> None:
    """The properties that SARIF 2.1.0 requires or limits (sections 3.13, 3.14, 3.19, 3.27, 3.30, 3.55 to 3.57)."""
    log = sarif(examples(), version="0.1.0", titles={"RL301": "a rate beside a number"})
    (run,) = log["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-schema-2.1.0.json")
    assert run["tool"]["driver"]["name"] == "rulelang" and run["columnKind"] == "unicodeCodePoints"
    assert rule == {"id": "RL301", "shortDescription": {"text": "a rate beside a number"}}
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error") and result["message"]["text"]
        for location in result["locations"]:
            assert_artifact_and_region(location["physicalLocation"], "region")
        for fix in result.get("fixes", ()):
            assert fix["artifactChanges"]
            for change in fix["artifactChanges"]:
                assert change["replacements"]
                for replacement in change["replacements"]:
                    assert_artifact_and_region(change | replacement, "deletedRegion")
    assert "fixes" not in sarif([diagnostic(Source("a", "x"), "x")], version="", titles={})["runs"][0]["results"][0]


def assert_artifact_and_region(holder: dict[str, dict[str, object]], name: str) -> None:
    assert holder["artifactLocation"] == {"uri": "rules/my%20trend.rules"}
    region = {key: int(str(value)) for key, value in holder[name].items()}
    start, end = (region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])
    assert (1, 1) <= start <= end and region["startColumn"] >= 1 and region["endColumn"] >= 1
