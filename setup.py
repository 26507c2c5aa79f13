"""Adds what pyproject.toml cannot say: the grammar's folder as a package, the parser's table, the native engine.

The engine's modules run as they are, slowly. Where Cython and a compiler are at hand they are built; `python setup.py
build_ext --inplace` does it in a checkout. RULELANG_CHECKED in the environment makes a build that checks every index.
"""

import os
import sys
import warnings
from pathlib import Path

from setuptools import Extension, find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
TABLE = Path("rulelang", "syntax", "grammar.table")


class BuildWithTable(build_py):
    """Builds the parser's table beside the modules, so that the first `rulelang check` need not make it."""

    def run(self) -> None:
        super().run()
        root = ROOT if self.editable_mode else Path(self.build_lib)
        try:
            _build_table(root / TABLE)
        except ImportError as missing:
            self.warn(f"note: the parser's table will be built at first use, not now: {missing}")

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        outputs: list[str] = super().get_outputs(include_bytecode)
        table = Path(self.build_lib) / TABLE
        return [*outputs, str(table)] if table.exists() else outputs


def _build_table(path: Path) -> None:
    """Build the table from the source tree, where the grammar still lies outside the package."""
    sys.path.insert(0, str(ROOT))
    try:
        import rulelang

        rulelang.__path__.append(str(ROOT))
        from rulelang.syntax import table

        table.build(path)
    finally:
        sys.path.remove(str(ROOT))


def native() -> list[Extension]:
    """Return the engine's modules to compile: all that have a `.pxd`, or none."""
    try:
        from Cython.Build import cythonize
    except ImportError:
        warnings.warn("Cython is missing: the engine will run uncompiled, slowly", stacklevel=1)
        return []
    sources = [path.with_suffix(".py") for path in sorted(Path("rulelang/engine").glob("*.pxd"))]
    modules = [_extension(source) for source in sources if source.stem not in INLINE]
    return cythonize(modules, build_dir="build/native", quiet=True)  # type: ignore[no-any-return]


def _extension(source: Path) -> Extension:
    """Return a module to compile so that every machine computes the same bits: no contraction, no fast-math."""
    same_bits = ["/O2", "/fp:precise"] if sys.platform == "win32" else SAME_BITS
    checked = [("RULELANG_CHECKED", "1")] if os.environ.get("RULELANG_CHECKED") else []
    name = ".".join(source.with_suffix("").parts)
    return Extension(name, [str(source)], extra_compile_args=same_bits, define_macros=checked, optional=True)


INLINE = {"arena", "ops"}
"""What these declare becomes part of the modules that use it."""

SAME_BITS = ["-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fno-strict-aliasing"]
"""The last three change no value: they leave out flags and signals that nothing reads, and the arena has two types."""


setup(
    ext_modules=native(),
    packages=sorted({*find_packages(include=["rulelang", "rulelang.*"]), "rulelang.grammar"}),
    package_dir={"rulelang.grammar": "grammar"},
    package_data={
        "rulelang": ["py.typed"],
        "rulelang.data": ["sample/*"],
        "rulelang.grammar": ["*.lark"],
        "rulelang.plan": ["templates/*.toml"],
        "rulelang.report": ["page/*", "vendor/*"],
    },
    cmdclass={"build_py": BuildWithTable},
)
