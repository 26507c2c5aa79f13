"""Where nothing was compiled the engine decides the same, and says once that it is slow."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rulelang
from rulelang.engine.machine import COMPILED

PACKAGE = Path(rulelang.__file__).parent
HOUR = 3600

PROGRAM = """
import json, sys, warnings
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("default")
    import rulelang
    from rulelang.engine import machine
    rules = rulelang.load(sys.argv[1])
    run, again = rules.start(), rules.start()
columns, stepped = json.load(sys.stdin), []
for row in zip(*columns.values()):
    values = dict(zip(columns, row))
    stepped.append(run.step(values.pop("time"), values).hedge)
print(json.dumps([machine.COMPILED, [str(one.message) for one in told], stepped, rules.over(columns)]))
"""


def answers(folder: Path, rules: Path, columns: dict[str, list[float]]) -> tuple[bool, list[str], list[float], object]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(rules)],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        input=json.dumps(columns),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    compiled, told, stepped, over = json.loads(done.stdout)
    return compiled, told, stepped, over


@pytest.mark.slow
@pytest.mark.skipif(not COMPILED, reason="nothing is compiled here")
def test_the_same_is_decided_uncompiled(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "rulelang", ignore=shutil.ignore_patterns("*.so", "*.pyd", "__pycache__"))
    shutil.copytree(PACKAGE.parent / "grammar", tmp_path / "rulelang" / "grammar")
    rules = tmp_path / "some.rules"
    rules.write_text(
        """
        bars 1h
        target hedge between 0% and 100% change at least 5% cooldown 3h
        rule low when close < sma(close, 5) for 2 periods then hedge 40%
        rule hot when rsi(close, 4) > 70 and rank(close, 6) > 50% then hedge 80% until close < median(close, 3)
        rule wild when stdev(close, 5) > 2 then hedge at least 30%
        otherwise hedge 10%
        """
    )
    closes = [100.0 + (at * at * 7 % 23) - at % 5 for at in range(60)]
    columns = {"time": [HOUR * (at + 1) for at in range(60)], "close": closes}
    compiled, told, *found = answers(tmp_path, rules, columns)
    assert not compiled
    assert [text.partition(":")[0] for text in told] == ["rulelang's engine was installed without a C compiler"]
    native, nothing, *wanted = answers(PACKAGE.parent, rules, columns)
    assert native and not nothing
    assert found == wanted
    assert len(set(wanted[0])) > 2
