"""Takes the pictures of the pages anew: the report that the tutorial ends with, in a browser, light and dark."""

# ruff: noqa: E402  (the neighbour is found by the path above)

import re
import shutil
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS.parent), str(DOCS)]

import console
from playwright.sync_api import sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SIZE = {"width": 1240, "height": 1300}
PART = {"x": 0, "y": 340, "width": 1240, "height": 674}  # the charts, and the reasons beside them
CHANGE = "2024-05-26 00:00"  # the one whose reasons are shown
SCHEMES = ("light", "dark")
OTHERS = re.compile(r"^\$ rulelang (?!backtest my.rules --portfolio book.toml)", re.MULTILINE)
"""Commands of the tutorial that the report doesn't need."""


def take(to: Path) -> list[Path]:
    """Write the pictures into a folder, and return where they are."""
    tutorial = (DOCS / "tutorial.md").read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        console.ran(OTHERS.sub("$ : ", tutorial), Path(folder))
        return _shots(Path(folder) / "report.html", to)


def _shots(report: Path, to: Path) -> list[Path]:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        found = []
        for scheme in SCHEMES:
            page = browser.new_page(viewport=SIZE, color_scheme=scheme)
            page.goto(report.as_uri())
            page.wait_for_function("window.report && window.report.complete")
            page.get_by_text(CHANGE).first.click()
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=(picture := to / f"report-{scheme}.png"), clip=PART)
            found.append(picture)
        browser.close()
    return found


if __name__ == "__main__":
    for one in take(DOCS / "assets"):
        print(f"took {one.relative_to(DOCS.parent)}")
