"""The command that makes the shell complete commands: completion."""

import click

from rulelang.cli.commands.group import commands, piped

ASKED = "_RULELANG_COMPLETE"
"""The variable by which a shell's script asks for completions, as click names it."""


def prepare() -> None:
    """Let the commands complete what they are given, for the shell that asks."""
    from rulelang.cli import completing

    completing.prepare(commands)


@commands.command(short_help="Print what makes the shell complete commands, files, rules.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the script that lets a shell complete commands and options, rule files, rules, functions, fields, assets.

    \b
    rulelang completion bash > ~/.local/share/bash-completion/completions/rulelang
    rulelang completion zsh > ~/.zfunc/_rulelang      # with ~/.zfunc in fpath, before compinit
    rulelang completion fish > ~/.config/fish/completions/rulelang.fish

    Or for this shell alone: eval "$(rulelang completion bash)".
    """
    from rulelang.cli import completing

    return piped(lambda: completing.print_script(commands, shell, ASKED))
