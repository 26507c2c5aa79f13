"""What docs/editors.md tells people to put into their editors' settings is well formed, and names what is there."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "editors.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))
MANIFEST = json.loads((ROOT / "editors" / "vscode" / "package.json").read_text("utf-8"))

VIM = """\
local function noted(name) return function(...) print(name, ...) end end
vim = {
  bo = {},
  filetype = { add = function(added) print("filetype", added.extension.rules) end },
  lsp = {
    config = function(name, one) print("config", name, table.concat(one.cmd, " "), one.filetypes[1]) end,
    enable = noted("enable"),
  },
  api = {
    nvim_create_autocmd = function(event, one)
      one.callback()
      print(event, one.pattern, vim.bo.commentstring)
    end,
  },
}
"""
"""So much of Neovim as the page's block needs."""


def lua() -> str:
    """Return a program that runs Lua; without one the test is skipped, under CI it fails."""
    found = shutil.which("lua5.4") or shutil.which("lua") or shutil.which("luajit")
    if found is None:
        reason = "there is no Lua to run it: lua5.4, lua or luajit"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return found


def test_the_block_for_neovim_runs(tmp_path: Path) -> None:
    script = tmp_path / "init.lua"
    script.write_text(VIM + BLOCKS["lua"], "utf-8")
    found = subprocess.run([lua(), str(script)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines() == [
        "filetype\trulelang",
        "config\trulelang\trulelang lsp\trulelang",
        "enable\trulelang",
        "FileType\trulelang\t# %s",
    ]


def test_the_block_for_helix_is_toml_that_names_the_server() -> None:
    settings = tomllib.loads(BLOCKS["toml"])
    server, (language,) = settings["language-server"]["rulelang"], settings["language"]
    assert [server["command"], *server["args"]] == ["rulelang", "lsp"]
    assert (language["language-servers"], language["file-types"]) == (["rulelang"], ["rules"])


def test_the_block_for_emacs_closes_what_it_opens() -> None:
    code = re.sub(r'"(?:\\.|[^"\\])*"', '""', BLOCKS["elisp"])
    assert code.count("(") == code.count(")") > 5
    assert '("rulelang" "lsp")' in BLOCKS["elisp"]


def test_the_settings_for_vs_code_are_those_of_the_extension() -> None:
    known = MANIFEST["contributes"]["configuration"]["properties"]
    assert set(json.loads(BLOCKS["json"])) <= set(known)
    assert all(f"`{name}`" in (ROOT / "editors" / "vscode" / "README.md").read_text("utf-8") for name in known)


def test_the_page_names_the_commands_as_the_palette_does() -> None:
    titles = {one["title"] for one in MANIFEST["contributes"]["commands"]}
    told = {name.removeprefix("rulelang: ") for name in re.findall(r"\*([^*]+)\*", " ".join(PAGE.split()))}
    assert titles - told == {"Show the Language Server's Output"}
