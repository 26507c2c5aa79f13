"""The commands and their options; what goes wrong in one is one message and an exit code."""

import os
import sys
from collections.abc import Sequence

import click

from rulelang.cli import terminal
from rulelang.cli.commands import books, data, deciding, money, porting, rules, shell
from rulelang.cli.commands.group import CLEAN, commands

USAGE, OURS = 2, 3

__all__ = ["books", "commands", "data", "deciding", "money", "porting", "rules", "run_commands", "shell"]


def run_commands(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; what goes wrong is one message, never a traceback."""
    terminal.open_streams()
    if os.environ.get(shell.ASKED):
        shell.prepare()
    try:
        code = commands.main(list(arguments), prog_name="rulelang", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped", err=True)
        return 130
    except Exception as error:
        if isinstance(error, OSError) and terminal.is_full(error):
            return _unwritten(error)
        if os.environ.get("RULELANG_TRACEBACK"):
            raise
        message = f"rulelang: a fault of ours, not of your files: {type(error).__name__}: {error}"
        click.echo(
            f"{message}\nplease report it with the output of RULELANG_TRACEBACK=1 {' '.join(sys.argv)}", err=True
        )
        return OURS
    return code if isinstance(code, int) else CLEAN


def _unwritten(error: OSError) -> int:
    terminal.leave_output()
    click.echo(f"Error: what is printed can't be written: {error.strerror}", err=True)
    return 1
