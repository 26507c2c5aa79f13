"""The machine never reads or writes outside of its memories: a build that checks every access decides the same pairs.

Window functions check each index against the arena; beyond that the compiler's address sanitizer sees every access of
every module, around the arena, the banks of registers, the program and its tables, each a memory of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rulelang.engine.machine import COMPILED

ROOT = Path(__file__).parents[2]
PAIRS = 100
OUTSIDE = """
import rulelang
run = rulelang.loads("bars 1h when sma(close, 3) > 1 then hedge 70%").start(records=False)
store = run.assets[None].machine.live
print(store.value({register}, 0))
"""
OPTIONS = "detect_leaks=0:redzone=256:max_redzone=2048:quarantine_size_mb=16:allocator_may_return_null=1"


@pytest.fixture
def checked(tmp_path: Path) -> Path:
    """Build the engine with all checks, in a copy of the source; skip without a compiler, which CI must have."""
    if not COMPILED or shutil.which("gcc") is None or sys.platform != "linux":
        assert not os.environ.get("CI"), "CI needs Cython and gcc: the checked build was not tested"
        pytest.skip("no compiler to make the checked build with")
    copy = tmp_path
    left_out = shutil.ignore_patterns("*.so", "__pycache__", "goldens", "*.egg-info")
    for name in ("rulelang", "grammar", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=left_out)
    for name in ("setup.py", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, copy)
    built = _called(copy, ["setup.py", "build_ext", "--inplace", "--parallel", "2"], RULELANG_CHECKED="1")
    assert built.returncode == 0, built.stderr
    return copy


def _called(copy: Path, words: list[str], **settings: str) -> "subprocess.CompletedProcess[str]":
    surroundings = {**os.environ, "PYTHONPATH": str(copy), **settings}
    words = [sys.executable, *words]
    return subprocess.run(words, cwd=copy, env=surroundings, capture_output=True, text=True, check=False)


def _watched(copy: Path, words: list[str]) -> "subprocess.CompletedProcess[str]":
    found = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    return _called(copy, words, LD_PRELOAD=found.stdout.strip(), PYTHONMALLOC="malloc", ASAN_OPTIONS=OPTIONS)


@pytest.mark.slow
def test_no_pair_leads_outside_and_what_does_is_seen(checked: Path) -> None:
    words = ["-m", "tests.engine.fuzz", "--pairs", str(PAIRS), "--seed", "90001", "--cores", "1"]
    found = _watched(checked, words)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "is compiled" in found.stdout and " 0 differed" in found.stdout, found.stdout
    for register in (-1, 100_000):
        found = _watched(checked, ["-c", OUTSIDE.format(register=register)])
        assert found.returncode != 0 and "AddressSanitizer" in found.stderr, found.stdout + found.stderr
