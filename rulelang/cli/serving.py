"""`rulelang lsp`: the language server on standard input and output."""

import gc
from importlib.util import find_spec

import click


def serve() -> int:
    """Serve an editor until it says that it leaves; return the exit code."""
    if find_spec("pygls") is None:
        raise click.UsageError("the language server needs the extra `editor`: pip install 'rulelang[editor]'")
    from rulelang.editor import server

    gc.enable()
    return server.serve(server.made())
