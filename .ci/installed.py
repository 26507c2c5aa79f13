"""Says whether an installed rulelang is whole: compiled, able to decide, with all that comes along."""

from importlib.resources import files

import rulelang
from rulelang.conformance import kit
from rulelang.engine.machine import BUILD

WANTED = (
    *("py.typed", "grammar/rulelang.lark", "syntax/grammar.table", "library/funding.rules"),
    *("data/sample/synthetic-bars-1h.parquet", "report/vendor/uPlot.iife.min.js", "report/vendor/LICENSE.uPlot"),
)

missing = [name for name in WANTED if not files("rulelang").joinpath(name).is_file()]
run = rulelang.loads("bars 1h when sma(close, 2) < 100 then hedge 50%").start()
hedges = [run.step(hour * 3600, {"close": 103 - 2 * hour}).hedge for hour in (1, 2, 3)]
if missing or hedges != [0, 0, 0.5] or BUILD == "uncompiled" or not kit().cases:
    raise SystemExit(f"this is not whole: {BUILD}, hedges {hedges}, missing {missing}")
print(f"rulelang {rulelang.__version__}: {BUILD}")
