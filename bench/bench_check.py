"""How fast `rulelang check` is, beside what its libraries need to be imported and Lark to parse the same text."""

import compileall
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measuring import alternating, ratio_line

import rulelang as rulelang_package

_RULE = (
    "rule r{i}\n  when (close > sma(close, {n}) and rsi(close, 14) < {t}) for 3 periods\n"
    "  then hedge at least {p}%\n  until close < ema(close, {n})\n"
)
_LARK = """
import lark, attrs, click
from rulelang.syntax.table import fresh
import sys, time
parser = fresh()
text = open(sys.argv[1]).read()
start = time.perf_counter()
parser.parse(text, start="file")
print(time.perf_counter() - start)
"""


def rules(number: int) -> str:
    """Return a file with so many rules."""
    body = "".join(_RULE.format(i=i, n=5 + i % 90, t=60 + i % 30, p=10 + i % 80) for i in range(number))
    return "bars 1h\n" + body


def whole(*command: str) -> float:
    """Return the wall time of a whole process in seconds."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def main() -> None:
    """Print the ratios."""
    rulelang = str(Path(sys.executable).with_name("rulelang"))
    compileall.compile_dir(str(Path(rulelang_package.__file__).parent), quiet=1)  # as installing a wheel does
    imports = (sys.executable, "-c", "import lark, attrs, click")
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "ten.rules"), Path(folder, "thousand.rules")
        small.write_text(rules(10))
        large.write_text(rules(1000))
        print(f"first check after the table was removed: {_cold(rulelang, small):.3f} s")
        ten, bare = alternating(lambda: whole(rulelang, "check", str(small)), lambda: whole(*imports))
        print(ratio_line("check of 10 rules / import lark, attrs, click", ten, bare, "at most 2"))
        thousand, lark = alternating(
            lambda: whole(rulelang, "check", str(large)),
            lambda: whole(*imports) + float(subprocess.check_output([sys.executable, "-c", _LARK, str(large)])),
        )
        print(ratio_line("check of 1,000 rules / import + Lark's own parse", thousand, lark, "at most 2"))


def _cold(rulelang: str, file: Path) -> float:
    from rulelang.syntax import table

    for place in table.places():
        place.unlink(missing_ok=True)
    return whole(rulelang, "check", str(file))


if __name__ == "__main__":
    main()
