"""The public surface: what `rulelang` offers, and nothing else."""

import subprocess
import sys

import pytest

import rulelang

PUBLIC = {
    "Alert", "AssetDecision", "Decision", "Diagnostic", "Fix", "Forgotten", "Outcome", "RuleError", "Rules", "Run",
    "Severity", "SnapshotError", "StepRefused", "__version__", "check", "load", "loads",
}  # fmt: skip


def test_the_public_names() -> None:
    assert set(rulelang.__all__) == PUBLIC
    assert rulelang.__all__ == sorted(rulelang.__all__)


def test_every_public_name_is_there_and_explains_itself() -> None:
    for name in PUBLIC - {"__version__"}:
        thing = getattr(rulelang, name)
        assert thing.__doc__ and thing.__doc__.strip()[0].isupper(), name


def test_check_is_the_function_whatever_was_imported() -> None:
    import rulelang.check.checker

    assert callable(rulelang.check)
    from rulelang import check

    assert check("when close > 1 then hedge 1%") == []


def test_an_unknown_name() -> None:
    assert not hasattr(rulelang, "backtest_everything")


def test_the_package_is_typed() -> None:
    from importlib.resources import files

    assert files("rulelang").joinpath("py.typed").is_file()


def test_importing_is_light() -> None:
    """No frame library, no parser and no calculation is loaded before it is asked for."""
    heavy = ("lark", "polars", "pandas", "numpy", "narwhals")
    code = f"import sys, rulelang; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_errors_carry_every_diagnostic() -> None:
    text = "when funding_8h > 0.05 then hedge 50% let a = close"
    with pytest.raises(rulelang.RuleError, match="RL302") as caught:
        rulelang.loads(text)
    assert [one.code for one in caught.value.diagnostics] == [one.code for one in rulelang.check(text)]


def test_ten_lines_embed_it() -> None:
    rules = rulelang.loads("bars 8h when funding_8h > 0.05% for 3 periods then hedge 70%")
    run = rules.start()
    decisions = [run.step(hour * 3600, {"funding_8h": 0.0006}) for hour in (8, 16, 24)]
    assert [decision.hedge for decision in decisions] == [0, 0, 0.7]
    assert list(decisions[-1].active.values()) == [True]
    assert decisions[-1].record is not None
    assert rules.resume(run.snapshot()).step(32 * 3600, {}).hedge == 0.7
