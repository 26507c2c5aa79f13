"""Times the engine: a million bars in a batch, and bar after bar."""

import sys, time, numpy as np, rulelang
from rulelang.engine import run as R
from rulelang.engine.run import EngineRun
def text(n=20):
    fs = ["sma(close, 50)","sma(close, 200)","ema(close, 20)","highest(close, 100)","median(close, 30)"]
    out = ["bars 1m", "target hedge between 0% and 100% change at least 10% cooldown 60m"]
    conds = ["close > sma(close, 50) and rsi(close, 14) > {a}", "sma(close, 50) > sma(close, 200) and change(close, 42) < {p}%",
      "ema(close, 20) > sma(close, 200) and rank(close, 100) > {q}%", "close < median(close, 30) and stdev(close, 20) > {s} and atr(14) > {t}",
      "close >= highest(close, 100) * 0.99{d} and rsi(close, 14) < {b}"]
    acts = ["hedge {x}%","increase hedge by {y}% of exposure","hedge at least {z}%","reduce hedge by {y}% of exposure"]
    for i in range(n):
        k = dict(a=50+i, p=(i-10)/10, q=50+i, s=10+i, t=8+i, d=i, b=80-i, x=20+3*i%60, y=5+i%7, z=10+i)
        out.append(f"when ({conds[i%5].format(**k)}) for 3 periods then {acts[i%4].format(**k)}")
    return "\n".join(out)
def market(n):
    rng = np.random.default_rng(1)
    close = 50000*np.exp(np.cumsum(rng.normal(0, 5e-4, n)))
    open_ = np.r_[close[0], close[:-1]]
    high = np.maximum(open_, close)*(1+np.abs(rng.normal(0,2e-4,n))); low = np.minimum(open_, close)*(1-np.abs(rng.normal(0,2e-4,n)))
    return dict(open=open_, high=high, low=low, close=close, volume=rng.gamma(2., 5., n))
N = int(sys.argv[1]) if len(sys.argv) > 1 and __name__ == "__main__" else 1_000_000
rules = rulelang.loads(text())
if "only" not in sys.argv and __name__ == "__main__": print(rules)
m = market(N); times = np.arange(1, N+1)*60.0
run = EngineRun(rules.checked, {})
a = run.assets[None]; p = a.program
def batch(run):
    a = run.assets[None]; p = a.program
    keep = []
    table = [times.ctypes.data]
    for i in a.inlets:
        b = np.array([i.low, i.high]); keep.append(b)
        table += [m[i.key[1]].ctypes.data, b.ctypes.data]
    t = p.targets[0]
    outs = {}
    for nm, r in (("after", t.after), ("desired", t.desired), ("word", t.word)):
        outs[nm] = np.empty(N); table += [r, outs[nm].ctypes.data]
    nv = 3
    outs["held"] = np.empty(N, np.uint8); table += [t.held, outs["held"].ctypes.data]
    for r in p.rules:
        outs[r.name] = np.empty(N, np.uint8); table += [r.active, outs[r.name].ctypes.data]
    a.machine.many(N, table, nv, 1+len(p.rules))
    return outs
if __name__ == "__main__":
    best = 1e9
    for _ in range(9):
        run = EngineRun(rules.checked, {})
        t = time.thread_time(); outs = batch(run); best = min(best, time.thread_time()-t)
    print(f"batch {best*1e9/N:.1f} ns/bar  {N/best/1e6:.2f} M bars/s")
    changes = sum(int((np.diff(outs[r.name].astype(int))!=0).sum()) for r in p.rules)
    print("rule changes per bar", changes/N, "hedge changes", int((np.diff(outs["after"])!=0).sum()), "instr", len(p.code)//8//25, "stages", len(p.stages), "values", p.values, "truths", p.truths)
    k = min(N, 20000)
    run = EngineRun(rules.checked, {}); ma = run.assets[None].machine
    cols = [m[i.key[1]] for i in run.assets[None].inlets]
    rows = [[float(c[j]) for c in cols] for j in range(k)]
    t = time.thread_time()
    for j in range(k): ma.one(times[j], rows[j])
    dt = time.thread_time()-t
    print(f"live machine.one {dt*1e9/k:.0f} ns")
    for nr in (20, 200):
        rr = rulelang.loads(text(nr)); run = EngineRun(rr.checked, {}, 20000)
        nm = list(m); rows = [{**{k: float(m[k][j]) for k in nm}, **{f"x{q}": 1.0 for q in range(7)}} for j in range(k)]
        ts = [int(t) for t in times[:k]]
        ds = []
        for j in range(0, k, 100):
            t = time.thread_time()
            for i in range(j, j+100): run.step(ts[i], rows[i]).hedge
            ds.append((time.thread_time()-t)/100)
        ds.sort(); print(f"live step {nr} rules: median {ds[len(ds)//2]*1e9:.0f} ns  min {ds[0]*1e9:.0f} p99 {ds[int(len(ds)*.99)]*1e9:.0f}")
    from rulelang.engine.lower import Lowering
    cp = rules.checked.programs[None]
    ts = []
    for _ in range(20):
        t = time.thread_time(); Lowering(cp, ()).lowered(); ts.append(time.thread_time()-t)
    print(f"lowering {min(ts)*1e3:.2f} ms")
