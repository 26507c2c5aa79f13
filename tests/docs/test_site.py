"""The site of docs/: built without a warning, whole, found by search, and asking no other host for anything."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from tests.report.browsing import running

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PICTURES = ("report-light.png", "report-dark.png")
LARGEST_PICTURE = 150_000
FETCHED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}
"""What a browser fetches by itself, by element; links in texts aren't among it."""
STYLED = re.compile(r"(?:@import\s*|url\()\s*[\"']?([^\"')\s]+)")

pytestmark = pytest.mark.slow


def build(project: Path, site: Path) -> str:
    """Build a site as `make site` does, and return what went wrong."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    return built.stdout + built.stderr if built.returncode else ""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return our own site, built elsewhere."""
    folder = tmp_path_factory.mktemp("site")
    assert build(ROOT, folder) == ""
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a small project with our settings, and with pages that the navigation doesn't name."""
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
    for folder in ("site", "assets"):
        shutil.copytree(DOCS / folder, tmp_path / "docs" / folder)
    settings = (tmp_path / "mkdocs.yml").read_text("utf-8")
    named = "  - Home: index.md\n  - Decided: decisions/\n  - Project:\n      - Changes: CHANGELOG.md\n"
    (tmp_path / "mkdocs.yml").write_text(settings.partition("\nnav:\n")[0] + "\nnav:\n" + named, "utf-8")
    pages = {
        "index": "# Home",
        "decisions/0001-one": "# One",
        "decisions/index": "# Decided",
        "new": "# New\n\nThe [changes](../CHANGELOG.md) and a [file](../rules/funding.rules).",
        "ideas/old": "# Old\n\nThe [changes](../../CHANGELOG.md) and [a page](../new.md).",
    }
    for name, text in pages.items():
        (tmp_path / "docs" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "docs" / f"{name}.md").write_text(text, "utf-8")
    return tmp_path


class Page(HTMLParser):
    """What a page fetches, and where its navigation leads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.linked: set[str] = set()
        self.feed(text)
        self.fetched += STYLED.findall(" ".join(re.findall(r"<style[^>]*>(.*?)</style>", text, re.DOTALL)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in FETCHED and FETCHED[tag] in found:
            self.fetched.append(found[FETCHED[tag]])
        self.fetched += [part.split()[0] for part in found.get("srcset", "").split(",") if part]
        self.fetched += STYLED.findall(found.get("style", ""))
        if tag == "a" and "md-nav__link" in found.get("class", ""):
            self.linked.add(found["href"])


def pages(site: Path) -> Iterator[tuple[Path, Page]]:
    for path in sorted(site.rglob("*.html")):
        yield path, Page(path.read_text("utf-8"))


def is_elsewhere(address: str) -> bool:
    return address.startswith(("http:", "https:", "//"))


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    found = {f"{path.name}: {one}" for path, page in pages(site) for one in page.fetched if is_elsewhere(one)}
    for path in site.rglob("*.css"):
        found |= {f"{path.name}: {one}" for one in STYLED.findall(path.read_text("utf-8")) if is_elsewhere(one)}
    assert found == set()


def test_what_is_fetched_is_there(site: Path) -> None:
    lost = set()
    for path, page in pages(site):
        if path.name != "404.html":  # it is served from any address, so its own are absolute
            own = {one.split("#")[0].split("?")[0] for one in page.fetched if not one.startswith("data:")}
            lost |= {f"{path.name}: {one}" for one in own if not (path.parent / one).exists()}
    assert lost == set()


def test_a_page_that_asks_elsewhere_is_seen() -> None:
    asked = (
        '<link href="https://fonts.example/css"><script src="//x.example/a.js"></script>'
        '<img srcset="a.png 1x, http://x.example/b.png 2x"><style>@import "https://x.example/c.css";</style>'
        '<p style="background: url(https://x.example/d.png)"><a href="https://x.example">a link</a>'
    )
    assert [is_elsewhere(one) for one in Page(asked).fetched].count(True) == 5


def test_the_navigation_leads_to_every_page(site: Path) -> None:
    linked = {(site / one).resolve() for one in Page((site / "index.html").read_text("utf-8")).linked}
    built = {path.resolve() for path in site.rglob("*.html")}
    written = {(site / page.relative_to(DOCS)).with_suffix(".html").resolve() for page in DOCS.rglob("*.md")}
    named = {path.with_name("index.html") if path.name == "README.html" else path for path in written}
    assert built - linked <= {site / "404.html"}
    assert named <= built


def test_a_page_that_is_not_named_has_its_place(project: Path) -> None:
    assert build(project, project / "site") == ""
    linked = re.findall(r'href="([^"]+)" class="md-nav__link', (project / "site" / "index.html").read_text("utf-8"))
    known = ["decisions/index.html", "decisions/0001-one.html", "ideas/old.html", "CHANGELOG.html", "new.html"]
    assert [one for one in linked if one in known] == known


def test_files_that_the_site_does_not_have_are_not_linked(project: Path) -> None:
    assert build(project, project / "site") == ""
    new, old = ((project / "site" / name).read_text("utf-8") for name in ("new.html", "ideas/old.html"))
    assert 'The <a href="CHANGELOG.html">changes</a> and a file.' in new
    assert 'The <a href="../CHANGELOG.html">changes</a> and <a href="../new.html">a page</a>.' in old


@pytest.mark.parametrize("broken", ["[lost](lost.md)", "[lost](new.md#lost)", "![lost](assets/lost.png)"])
def test_a_link_that_leads_nowhere_fails(project: Path, broken: str) -> None:
    (project / "docs" / "index.md").write_text(f"# Home\n\n{broken}\n", "utf-8")
    assert "lost" in build(project, project / "site")


def test_rules_are_coloured(site: Path) -> None:
    if not any(one.name == "rulelang" for one in entry_points(group="pygments.lexers")):
        reason = "the lexer isn't installed: `pip install -e .` anew"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    assert re.search(r'<span class="k">when</span>', (site / "index.html").read_text("utf-8"))


def test_what_only_builds_the_site_is_no_part_of_it(site: Path) -> None:
    assert sorted(path.name for path in site.rglob("*.py")) == ["loop.py", "ruled.py", "serve.py"]


def test_search_knows_every_page(site: Path) -> None:
    text = (site / "search" / "search_index.js").read_text("utf-8")
    index = json.loads(text.removeprefix("var __index = "))
    found = {one["location"].split("#")[0] for one in index["docs"]}
    assert {str(path.relative_to(site)) for path in site.rglob("*.html")} - {"404.html"} <= found


def test_in_a_browser(site: Path) -> None:
    """Pages opened as files ask for files only and complain about nothing, and search finds what is on another page."""
    with running() as browser:
        page = browser.new_page()
        asked: list[str] = []
        errors: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
        for name in ("index.html", "tutorial.html", "how-to/pipe.html"):
            page.goto((site / name).as_uri())
        page.locator("input.md-search__input").click()
        page.keyboard.type("annualised")
        page.wait_for_selector("a.md-search-result__link[href*='functions.html']", timeout=20_000)
        assert [one for one in asked if not one.startswith(("file:", "blob:", "data:"))] == []
        assert errors == []


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_small(name: str) -> None:
    assert 20_000 < (DOCS / "assets" / name).stat().st_size < LARGEST_PICTURE


def test_pictures_can_be_taken_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running():
        pass  # there is a browser
    monkeypatch.syspath_prepend(str(DOCS))
    import pictures  # type: ignore[import-not-found]

    taken: list[Any] = pictures.take(tmp_path)
    assert [path.name for path in taken] == list(PICTURES)
    for path in taken:
        kept = (DOCS / "assets" / path.name).read_bytes()
        assert path.read_bytes()[:24] == kept[:24], "another size: run `make pictures`"
