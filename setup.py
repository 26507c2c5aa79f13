"""Adds what pyproject.toml cannot say: the folders of grammar and strategies, the parser's table, the native engine.

The engine's modules run as they are, slowly. Where Cython and a compiler are at hand they are built; `python setup.py
build_ext --inplace` does it in a checkout. RULELANG_CHECKED in the environment makes a build that checks every access.
"""

import os
import sys
import sysconfig
import warnings
from pathlib import Path

from setuptools import Extension, find_packages, setup
from setuptools.command.build_ext import build_ext
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


class BuildNative(build_ext):
    """Builds the native modules; in a checkout the folder of those for AVX2 has to be made."""

    def copy_extensions_to_source(self) -> None:
        Path("rulelang/engine/avx2").mkdir(exist_ok=True)
        super().copy_extensions_to_source()


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
    """Return the engine's modules to compile: all that have a `.pxd`, or none; on x86-64 a second time, for AVX2."""
    if "sdist" in sys.argv:
        return []  # it holds their sources, and compiles nothing
    try:
        from Cython.Build import cythonize
    except ImportError:
        warnings.warn("Cython is missing: the engine will run uncompiled, slowly", stacklevel=1)
        return []
    sources = [path.with_suffix(".py") for path in sorted(Path("rulelang/engine").glob("*.pxd"))]
    modules = [_extension(source) for source in sources if source.stem not in INLINE]
    plain = cythonize(modules, build_dir=str(BUILT), quiet=True)
    quick = [_quick(module) for module in plain if module.name != "rulelang.engine.cpu"]
    found = [*plain, *quick] if _is_x86_64() else plain
    for module in found:
        module.optional = True  # Cython forgets it
    return found


def _extension(source: Path) -> Extension:
    """Return a module to compile so that every machine computes the same bits: no contraction, no fast-math."""
    same_bits = ["/O2", "/fp:precise"] if sys.platform == "win32" else SAME_BITS
    checked = [("RULELANG_CHECKED", "1")] if os.environ.get("RULELANG_CHECKED") else []
    if checked and sys.platform != "win32":
        same_bits = [*same_bits, *EVERY_ACCESS]
    name = ".".join(source.with_suffix("").parts)
    return Extension(name, [str(source)], extra_compile_args=same_bits, define_macros=checked)


def _is_x86_64() -> bool:
    """Say whether compilers here make code for x86-64 alone, and take GCC's options."""
    return sysconfig.get_platform().endswith(("-x86_64", "-amd64")) and sys.platform != "win32"


def _quick(module: Extension) -> Extension:
    """Return the same module for processors with AVX2: it lies a folder deeper, and is chosen when it is imported."""
    package, _, name = module.name.rpartition(".")
    source = BUILT / "avx2" / f"{name}.c"
    if not source.exists():
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(f'#include "../{package.replace(".", "/")}/{name}.c"\n', "utf-8")
    options, macros = [*module.extra_compile_args, "-mavx2"], module.define_macros
    made = [str(BUILT / package.replace(".", "/") / f"{name}.c")]
    name = f"{package}.avx2.{name}"
    return Extension(name, [str(source)], depends=made, extra_compile_args=options, define_macros=macros)


BUILT = Path("build", "native")
INLINE = {"arena", "ops", "sides", "vectors"}
"""What these declare becomes part of the modules that use it."""

SAME_BITS = ["-O3", "-g0", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fno-strict-aliasing"]
"""The last three change no value: they leave out flags and signals that nothing reads, and the arena has two types."""

EVERY_ACCESS = ["-O1", "-g", "-fsanitize=address"]
"""Has each read and write of a checked build looked at, also where no index is: Python then needs the compiler's
libasan before everything else (LD_PRELOAD), and memories of their own (PYTHONMALLOC=malloc)."""


setup(
    ext_modules=native(),
    packages=sorted({*find_packages(include=["rulelang", "rulelang.*"]), "rulelang.grammar", "rulelang.rules"}),
    package_dir={"rulelang.grammar": "grammar", "rulelang.rules": "rules"},
    package_data={
        "rulelang": ["py.typed"],
        "rulelang.conformance": ["cases.json"],
        "rulelang.data": ["sample/*"],
        "rulelang.grammar": ["*.json", "*.lark"],
        "rulelang.plan": ["templates/*.toml"],
        "rulelang.report": ["page/*", "vendor/*"],
        "rulelang.rules": ["*.rules"],
    },
    exclude_package_data={"rulelang.engine": ["*.pxd"]},
    cmdclass={"build_ext": BuildNative, "build_py": BuildWithTable},
)
