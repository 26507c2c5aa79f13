"""Settings of the test run: hypothesis profiles, the flag that rewrites goldens, the check for unused ones."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests import golden

settings.register_profile("dev", max_examples=20, deadline=None, print_blob=True)
# A gate has to say the same of the same change twice; what nobody has seen yet is looked for by `make explore`.
_CI = settings(max_examples=2000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", _CI)
settings.register_profile("ci", _CI, derandomize=True)
settings.load_profile(os.environ.get("RULELANG_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-goldens", action="store_true", help="write tests/goldens/ anew from what tests produce")


def pytest_configure(config: pytest.Config) -> None:
    golden.rewriting = config.getoption("--rewrite-goldens")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Add the golden names that a pytest-xdist worker used to those of this process."""
    golden.used.update(getattr(node, "workeroutput", {}).get("goldens", ()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["goldens"] = sorted(golden.used)
    elif session.exitstatus == pytest.ExitCode.OK and _ran_everything(session.config) and golden.unused():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if _ran_everything(config) and not terminalreporter.stats.keys() & {"failed", "error"}:
        for name in golden.unused():
            terminalreporter.write_line(f"FAILED unused golden: tests/goldens/{name} (no test asks for it)", red=True)


def _ran_everything(config: pytest.Config) -> bool:
    """Say whether this run chose no part of the tests: only then is a golden that nobody asked for a leftover."""
    choosing = ("keyword", "markexpr", "lf", "stepwise", "deselect", "ignore", "ignore_glob", "collectonly")
    picked = any(config.getoption(option, None) for option in choosing)
    return config.args_source is not pytest.Config.ArgsSource.ARGS and not picked
