"""The extension of VS Code, built and tested with Node in a copy of what it needs; and its colours beside Pygments'."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings

import rulelang
from rulelang.editor.colours import Colour, coloured
from rulelang.editor.tokens import TYPES
from tests.strategies import broken_texts, files, grounds, rough_texts

ROOT = Path(__file__).parents[2]
NEEDED = ("editors", "grammar", "rules", "LICENSE")
LEFT_OUT = shutil.ignore_patterns("node_modules", "build", "__pycache__")
OLDEST_NODE = 20
UNUSED = "RL210"  # nothing reads a lone `let` yet
TEXTS = rough_texts() | broken_texts(files(grounds()).map(lambda written: written.text))


def ready() -> None:
    """Skip the test where there is no Node of an age that the packer needs; under CI fail."""
    program = shutil.which("node")
    printed = program and subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    if printed and shutil.which("npm") and int(printed.lstrip("v").partition(".")[0]) >= OLDEST_NODE:
        return
    reason = f"needs node {OLDEST_NODE} or later and npm; there is {(printed or 'none').strip()}"
    pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)


def copied(to: Path) -> Path:
    """Copy what the extension is made of, so that nothing is left in the checkout; return the extension's folder."""
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=LEFT_OUT)
        else:
            shutil.copy(ROOT / name, to / name)
    return to / "editors" / "vscode"


def ran(folder: Path, *words: str, given: str = "") -> str:
    """Run a program in a folder and return what it prints; its failure is this test's."""
    environment = {**os.environ, "RULELANG_PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    found = subprocess.run(
        words, cwd=folder, env=environment, input=given, capture_output=True, encoding="utf-8", check=False
    )
    assert found.returncode == 0, f"{' '.join(words)}\n{found.stdout[-20_000:]}\n{found.stderr[-5_000:]}"
    return found.stdout


@pytest.mark.slow
def test_the_extension_is_built_packed_and_tested(tmp_path: Path) -> None:
    ready()
    folder = copied(tmp_path)
    ran(folder, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
    assert "# fail 0" in ran(folder, "npm", "test")
    assert (folder / "build" / "rulelang.vsix").stat().st_size > 50_000
    editors_and_pygments_agree(folder)


def editors_and_pygments_agree(folder: Path) -> None:
    """Have both colour every strategy and many texts that are none: they say the same."""

    texts = [path.read_text("utf-8") for path in sorted((ROOT / "rules").glob("*.rules"))]

    @settings(max_examples=1000, deadline=None, database=None, phases=[Phase.generate])
    @given(TEXTS)
    def gather(text: str) -> None:
        texts.append(text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode())

    gather()
    found = json.loads(ran(folder, "node", "build/test/told.js", given=json.dumps(texts)))
    for text, told in zip(texts, found, strict=True):
        assert told == [f"{piece} {colour.scope}" for _, piece, colour in coloured(text) if colour is not None], text


def test_the_version_is_that_of_the_package() -> None:
    manifest = json.loads((ROOT / "editors" / "vscode" / "package.json").read_text("utf-8"))
    assert manifest["version"] == rulelang.__version__


def test_what_the_server_says_of_a_word_has_the_colour_that_it_has_without_a_server() -> None:
    manifest = json.loads((ROOT / "editors" / "vscode" / "package.json").read_text("utf-8"))
    (scopes,) = [one["scopes"] for one in manifest["contributes"]["semanticTokenScopes"]]
    known_to_editors = {"keyword", "number", "string", "comment", "function", "event"}
    declared = {one["id"] for one in manifest["contributes"]["semanticTokenTypes"]}
    assert declared | known_to_editors == set(TYPES)
    assert declared | {"function", "event"} == set(scopes)
    assert {one.removesuffix(".rulelang") for (one,) in scopes.values()} <= {colour.scope for colour in Colour}


def test_every_snippet_is_a_rule_file_without_a_mistake() -> None:
    snippets = json.loads((ROOT / "editors" / "vscode" / "snippets.json").read_text("utf-8"))
    told = [(name, one) for name, it in snippets.items() for one in rulelang.check(filled(it["body"]), bars="1h")]
    assert [(name, one) for name, one in told if one.code != UNUSED] == []


def filled(body: list[str]) -> str:
    """Return a snippet as it stands when every place is left as it is."""
    text = "\n".join(body).replace("$0", "")
    while "${" in text:
        before, _, rest = text.partition("${")
        place, _, after = rest.partition("}")
        text = before + place.partition(":")[2] + after
    return text
