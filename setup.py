"""Adds what pyproject.toml cannot say: the grammar's folder as a package, and the parser's table, built at install."""

import sys
from pathlib import Path

from setuptools import find_packages, setup
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


setup(
    packages=sorted({*find_packages(include=["rulelang", "rulelang.*"]), "rulelang.grammar"}),
    package_dir={"rulelang.grammar": "grammar"},
    package_data={
        "rulelang": ["py.typed"],
        "rulelang.data": ["sample/*"],
        "rulelang.grammar": ["*.lark"],
        "rulelang.plan": ["templates/*.toml"],
    },
    cmdclass={"build_py": BuildWithTable},
)
