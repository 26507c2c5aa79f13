"""The numbers of operations and places are the same for Python and for C."""

import re
from pathlib import Path

from rulelang.engine import ops


def test_ops_are_the_same_in_c() -> None:
    declared = Path(ops.__file__).with_suffix(".pxd").read_text("utf-8")
    in_c = {name: int(number) for name, number in re.findall(r"(\w+) = (-?\d+)", declared)}
    assert in_c == {name: value for name, value in vars(ops).items() if name.isupper()}
