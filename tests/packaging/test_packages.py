"""What users install: a wheel in a clean environment runs the README; a source without a compiler decides the same."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

import rulelang
from rulelang.engine.machine import BUILD
from tests.docs.test_readme import PRINTED, PYTHON, filled, printed_as_it_should

ROOT = Path(__file__).parents[2]
ENGINE = Path("rulelang", "engine")
PIP = ("-m", "pip", "--disable-pip-version-check", "-q")
ALONE = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
"""The environment of a process that must not find this checkout."""

pytestmark = pytest.mark.slow


def ran(*command: object, cwd: Path, **environment: str) -> str:
    words = [str(word) for word in command]
    given = {**ALONE, **environment}
    found = subprocess.run(words, cwd=cwd, env=given, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution."""
    folder = tmp_path_factory.mktemp("sdist")
    ran(sys.executable, "setup.py", "-q", "egg_info", "--egg-base", folder, "sdist", "--dist-dir", folder, cwd=ROOT)
    (found,) = folder.glob("*.tar.gz")
    return found


def unpacked(sdist: Path, folder: Path) -> Path:
    """Unpack a source distribution, with what Cython has made of its modules if that is in the checkout.

    Files keep their times: what is older than its source is made anew.
    """
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    if (made := ROOT / "build" / "native").is_dir():
        shutil.copytree(made, source / "build" / "native")
    return source


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built out of the source; modules that this checkout has compiled since are not compiled once more."""
    source = unpacked(sdist, tmp_path_factory.mktemp("source"))
    built = source / "build" / f"lib.{sysconfig.get_platform()}-{sys.implementation.cache_tag}"
    for module in (ROOT / ENGINE).rglob("*.so"):
        place = built / module.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(module, place)
    folder = tmp_path_factory.mktemp("wheel")
    ran(sys.executable, *PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, source, cwd=folder)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a clean environment, in which the wheel is installed with its extra `data`."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    command = [python, *PIP, "install", f"{wheel}[data]"]
    found = subprocess.run(command, cwd=folder, env=ALONE, capture_output=True, text=True, check=False)
    if found.returncode and "No matching distribution" in found.stderr and os.environ.get("CI") != "true":
        pytest.skip(f"no package registry can be reached: {found.stderr.splitlines()[-1]}")
    assert found.returncode == 0, found.stderr
    return python


def test_what_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    inside = {name for name in names if ".dist-info/" not in name}
    wanted = {
        *("rulelang/py.typed", "rulelang/grammar/rulelang.lark", "rulelang/syntax/grammar.table"),
        *("rulelang/report/vendor/uPlot.iife.min.js", "rulelang/report/vendor/LICENSE.uPlot"),
        *("rulelang/conformance/cases.json", "rulelang/plan/templates/portfolio.toml"),
        *(f"rulelang/data/sample/{path.name}" for path in (ROOT / "rulelang" / "data" / "sample").iterdir()),
        *(f"rulelang/library/{path.name}" for path in (ROOT / "rules").glob("*.rules")),
        *(path.relative_to(ROOT).as_posix() for path in (ROOT / "rulelang").rglob("*.py")),
    }
    assert wanted - names == set()
    assert {name for name in inside if not name.startswith("rulelang/")} == set()
    assert {name for name in inside if name.endswith((".c", ".pxd", ".pyc"))} == set()


@pytest.mark.skipif(BUILD == "uncompiled", reason="nothing is compiled here")
def test_the_wheel_holds_every_build(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.endswith(".so")}
    here = {path.relative_to(ROOT).as_posix() for path in (ROOT / ENGINE).rglob("*.so")}
    assert names == here
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    assert f"-{tag}-{tag}-" in wheel.name


def test_the_extras_are_minimal(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        facts = HeaderParser().parsestr(archive.read(name).decode())
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(facts.get_all("Provides-Extra") or ()) == set(extras)
    needed = {text for text in facts.get_all("Requires-Dist") or () if "extra" not in text}
    assert {text.partition(">")[0] for text in needed} == {"lark", "attrs", "click", "numpy"}
    assert {"data", "report", "hedging", "editor", "all"} <= set(extras)


def test_the_installed_wheel_is_whole(python: Path, tmp_path: Path) -> None:
    told = ran(python, ROOT / ".ci" / "installed.py", cwd=tmp_path)
    assert told == f"rulelang {rulelang.__version__}: {BUILD}\n"
    place = ran(python, "-c", "import rulelang; print(rulelang.__file__)", cwd=tmp_path)
    assert place.startswith(str(python.parents[1]))


def test_the_readme_runs_there(python: Path, tmp_path: Path) -> None:
    folder = filled(tmp_path)
    printed_as_it_should(python.with_name("rulelang"), folder, PYTHONPATH="")
    assert ran(python, "-c", PYTHON, cwd=folder).startswith(PRINTED)


def test_the_strategies_come_along(python: Path, tmp_path: Path) -> None:
    text = "import rulelang.library; print(*rulelang.library.__path__)"
    assert text in (ROOT / "docs" / "install.md").read_text("utf-8")
    place = ran(python, "-c", text, cwd=tmp_path).strip()
    told = ran(python.with_name("rulelang"), "check", place, cwd=tmp_path)
    assert len(told.splitlines()) >= len(list((ROOT / "rules").glob("*.rules")))


# Without a compiler ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def uncompiled(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the source was installed where no C compiler works."""
    source, folder = unpacked(sdist, tmp_path_factory.mktemp("source")), tmp_path_factory.mktemp("installed")
    command = [*PIP, "install", "--no-deps", "--no-build-isolation", "--target", folder, source]
    ran(sys.executable, *command, cwd=folder, CC="false")
    assert not list(folder.rglob("*.so"))
    return folder


@pytest.mark.skipif(BUILD == "uncompiled", reason="nothing is compiled here")
def test_a_source_without_a_compiler_decides_the_same(uncompiled: Path, tmp_path: Path) -> None:
    sample = ROOT / "rulelang" / "data" / "sample"
    data = [f"--data={sample / name}" for name in ("synthetic-bars-1h.parquet", "synthetic-funding-8h.parquet")]
    span = ["--from", "2024-10-01T00:00Z", "--to", "2024-12-01T00:00Z", "--cold", "--format", "csv"]
    command = [sys.executable, "-m", "rulelang", "run", str(ROOT / "rules" / "funding.rules"), *data, *span]
    slow, fast = (
        subprocess.run(
            command, cwd=tmp_path, env={**ALONE, "PYTHONPATH": str(place)}, capture_output=True, text=True, check=True
        )
        for place in (uncompiled, ROOT)
    )
    assert slow.stdout == fast.stdout and len(slow.stdout.splitlines()) > 1000
    assert slow.stderr.count("installed without a C compiler") == 1
    assert "C compiler" not in fast.stderr
    told = ran(sys.executable, "-m", "rulelang", "--version", cwd=tmp_path, PYTHONPATH=str(uncompiled))
    assert told == f"rulelang {rulelang.__version__} (engine uncompiled: slow)\n"
