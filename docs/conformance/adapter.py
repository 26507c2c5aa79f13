"""Answers conformance cases with rulelang itself: `rulelang conform python adapter.py [native|reference]`."""

import json
import sys

import rulelang


def answer(case, engine):
    """Return the answer to a case."""
    try:
        rules = rulelang.loads(case["rules"], reader=case.get("files", {}).get, bars=case.get("bars"))
    except rulelang.RuleError as refused:
        return {"errors": [error(one) for one in refused.diagnostics if one.severity is rulelang.Severity.ERROR]}
    run = rules.start(params=case.get("params"), events=case.get("events"), records=False, engine=engine)
    return {"steps": [step(run, **one) for one in case.get("steps", [])]}


def error(found):
    return {"code": found.code, "from": found.position, "to": found.end}


def step(run, time, values):
    """Return what a step decided for each asset; a refused step is null."""
    try:
        return {asset or "": decided(one) for asset, one in run.step(time, values).items()}
    except rulelang.StepRefused:
        return None


def decided(one):
    return {
        "targets": {name: outcome(target) for name, target in one.targets.items()},
        "active": [rule for rule, active in one.active.items() if active],
        "started": one.started,
        "ended": one.ended,
        "alerts": [{"rule": alert.rule, "text": alert.text} for alert in one.alerts],
        "rejected": one.rejected,
    }


def outcome(target):
    return {name: getattr(target, name) for name in ("after", "desired", "last_word", "held", "frozen")}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), *sys.argv[1:] or ["native"])), flush=True)
