"""The command line: parse arguments, call the library, print, exit with 0 clean, 1 problems, 2 usage, 3 our fault."""

import sys


def main() -> None:
    """Run the command line; the entry point of `rulelang`."""
    import gc

    gc.disable()  # a check makes many small objects and drops none; `run` turns it on again
    from rulelang.cli.commands import run_commands

    sys.exit(run_commands(sys.argv[1:]))
