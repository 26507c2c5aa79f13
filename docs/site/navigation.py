"""Completes the navigation of the site: folders become their pages, no page is left out, and the changes are one."""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

CHANGES = "CHANGELOG.md"
INDEXES = ("index.md", "README.md")
UPWARD = re.compile(r"\[([^\]]*)\]\(((?:\.\./)+[^)\s]*)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Put pages in place of folders. What isn't named comes last: pages in the last section, folders before it."""
    files.append(File.generated(config, CHANGES, abs_src_path=str(Path(config.docs_dir).parent / CHANGES)))
    pages = sorted(page.src_uri for page in files.documentation_pages() if page.inclusion.is_included())
    config.nav = [_expanded(entry, pages) for entry in config.nav or []]
    named = set(_paths(config.nav))
    loose = [page for page in pages if page not in named]
    folders = sorted({page.split("/")[0] for page in loose if "/" in page})
    config.nav[-1:-1] = [{_title(name): _inside(name + "/", loose)} for name in folders]
    next(iter(config.nav[-1].values())).extend(page for page in loose if "/" not in page)
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Let links to files outside docs/ be text, for the site doesn't have them; the changes are a page of it."""

    def replaced(link: re.Match[str]) -> str:
        folder = posixpath.dirname(page.file.src_uri)
        path = posixpath.normpath(posixpath.join(folder, link[2]))
        if path == f"../{CHANGES}":
            return f"[{link[1]}]({posixpath.relpath(CHANGES, folder or '.')})"
        return link[1] if path.startswith("..") else link[0]

    return UPWARD.sub(replaced, markdown)


def _expanded(entry: Any, pages: list[str]) -> Any:
    match entry:
        case dict():
            return {title: _expanded(inner, pages) for title, inner in entry.items()}
        case list():
            return [_expanded(inner, pages) for inner in entry]
        case str() if entry.endswith("/"):
            return _inside(entry, pages)
    return entry


def _inside(folder: str, pages: list[str]) -> list[str]:
    """Return the pages of a folder, its index first."""
    inside = (page for page in pages if page.startswith(folder))
    return sorted(inside, key=lambda page: (page.removeprefix(folder) not in INDEXES, page))


def _paths(entry: Any) -> Iterator[str]:
    match entry:
        case str():
            yield entry
        case dict():
            yield from _paths(list(entry.values()))
        case list():
            for inner in entry:
                yield from _paths(inner)


def _title(folder: str) -> str:
    return folder.replace("-", " ").capitalize()
