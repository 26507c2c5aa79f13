"""The numbers of operations and places are the same for Python and for C."""

import re
from pathlib import Path

import pytest

from rulelang.engine import arena, ops
from tests.engine.states import uncompiled

KINDS = ("sums", "spreads", "orders", "ranks", "recursions", "profiles")


def test_ops_are_the_same_in_c() -> None:
    declared = Path(ops.__file__).with_suffix(".pxd").read_text("utf-8")
    in_c = {name: int(number) for name, number in re.findall(r"(\w+) = (-?\d+)", declared)}
    assert in_c == {name: value for name, value in vars(ops).items() if name.isupper()}


@pytest.mark.parametrize("name", ["arena", *KINDS])
def test_constants_of_functions_are_the_same_in_c(name: str) -> None:
    module = arena if name == "arena" else getattr(uncompiled(), name)
    declared = Path(ops.__file__).with_name(f"{name}.pxd").read_text("utf-8")
    whole = re.findall(r"^    ([A-Z_]+) = (\d+)$", declared, re.MULTILINE)
    real = re.findall(r'^    double ([A-Z_]+) "([\dx.p-]+|[\d.e-]+)"$', declared, re.MULTILINE)
    assert whole
    for constant, number in whole:
        assert getattr(module, constant) == int(number)
    for constant, number in real:
        assert getattr(module, constant) == (float.fromhex(number) if "x" in number else float(number))
