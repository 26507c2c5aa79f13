"""A real browser for tests: Debian's Chromium without a screen, and what it complained about or asked for."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen

from rulelang.report import Picture

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@frozen
class Opened:
    """A page in a browser: `errors` of its console, and addresses it asked for beside its own."""

    page: Any
    errors: list[str] = field(factory=list)
    asked: list[str] = field(factory=list)

    def run(self, script: str, given: Any = None) -> Any:
        """Return what a script gives."""
        return self.page.evaluate(script, given)

    def text(self, selector: str) -> str:
        """Return the text of an element."""
        return str(self.page.locator(selector).first.inner_text())


def browser() -> str:
    """Return where a browser is. Without one the test is skipped; under CI it fails."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        reason = f"no browser: none of {', '.join(_NAMES)} is installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@contextmanager
def running() -> Iterator[Any]:
    """Give a running browser."""
    path = browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@contextmanager
def opened(started: Any, picture: Picture, folder: Path, scheme: str = "light") -> Iterator[Opened]:
    """Give a picture, opened from a file and drawn."""
    picture.save(folder / "report.html")
    page = started.new_page(viewport={"width": 1500, "height": 1000}, color_scheme=scheme)
    found = Opened(page)
    page.on("console", lambda told: found.errors.append(told.text) if told.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.on("request", lambda asked: found.asked.append(asked.url))
    page.goto((folder / "report.html").as_uri())
    page.wait_for_function("window.report && window.report.complete")
    yield found
    page.close()
