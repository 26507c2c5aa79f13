"""`rulelang conform`: puts the conformance cases to a program, and says where it decides otherwise."""

import json
from collections.abc import Iterable, Iterator, Sequence

import click
from attrs import frozen

from rulelang.cli.loading import Problems
from rulelang.conformance import Case, Kit, kit
from rulelang.conformance.asking import Lost, Verdict, verdicts

_LISTED = 20
"""So many cases that fail are listed."""
_SHOWN = 5
"""So many differences of a case are shown."""


@frozen
class Order:
    """Which program is asked, which cases, and how patiently: seconds for an answer."""

    command: tuple[str, ...]
    only: str | None
    selected: tuple[str, ...]
    patience: float
    form: str


def conform(order: Order) -> int:
    """Put the cases to a program and print what came of them; without a program, print the cases."""
    cases = kit()
    chosen = [case for case in cases.cases if _is_chosen(case, order)]
    if not chosen:
        raise click.UsageError("no case has that in its name or origin")
    if not order.command:
        return _listed(chosen, order.form)
    found: list[Verdict] = []
    try:
        found += _shown(verdicts(order.command, chosen, order.patience), order.form)
    except Lost as lost:
        raise Problems(f"{lost}: the program is asked no more") from None
    failed = sum(bool(one.differences) for one in found)
    if order.form == "json":
        click.echo(json.dumps(_record(cases, found), indent=2))
    else:
        click.echo(_closing(cases, len(found), failed))
    return 1 if failed else 0


def _is_chosen(case: Case, order: Order) -> bool:
    if order.only is not None and case.is_refusal != (order.only == "refusals"):
        return False
    return not order.selected or any(word in f"{case.origin}::{case.name}" for word in order.selected)


def _listed(cases: Sequence[Case], form: str) -> int:
    for case in cases:
        whole = json.dumps({**case.asked, "expect": case.expected}, ensure_ascii=False)
        click.echo(whole if form == "json" else f"{case.origin}::{case.name}")
    return 0


def _shown(found: Iterable[Verdict], form: str) -> Iterator[Verdict]:
    """Yield verdicts; print those of cases that fail, as they come."""
    failed = 0
    for one in found:
        if one.differences and form == "text":
            failed += 1
            if failed <= _LISTED:
                click.echo("\n".join(_lines(one)))
            elif failed == _LISTED + 1:
                click.echo("…\n")
        yield one


def _lines(verdict: Verdict) -> Iterator[str]:
    yield f"{verdict.case.origin}::{verdict.case.name}"
    yield from (f"    {difference}" for difference in verdict.differences[:_SHOWN])
    if (more := len(verdict.differences) - _SHOWN) > 0:
        yield f"    and {more:,} more"
    yield ""


def _closing(cases: Kit, count: int, failed: int) -> str:
    said = f"{failed:,} of {count:,} cases fail" if failed else f"all {count:,} cases conform"
    return f"{said} (language {cases.language}, format {cases.form})"


def _record(cases: Kit, found: Sequence[Verdict]) -> dict[str, object]:
    failed = [
        {"case": one.case.name, "from": one.case.origin, "differences": list(one.differences)}
        for one in found
        if one.differences
    ]
    return {"format": cases.form, "language": cases.language, "cases": len(found), "failed": failed}
