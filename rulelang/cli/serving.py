"""`rulelang lsp`: the language server, on standard input and output or for one connection."""

from importlib.util import find_spec

import click

_HERE = "127.0.0.1"
_PORTS = range(65_536)


def serve(address: str | None) -> int:
    """Serve an editor until it says that it leaves; return the exit code. `address`: where it connects to."""
    place = None if address is None else _place(address)
    if find_spec("pygls") is None:
        raise click.UsageError("the language server needs the extra `editor`: pip install 'rulelang[editor]'")
    from rulelang.editor import server
    from rulelang.editor.listening import NotSpoken

    if place is None:
        return server.serve(server.made())
    try:
        return server.serve_at(server.made(), *place, lambda at: click.echo(f"listening on {at}", err=True))
    except NotSpoken as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"--tcp {address}: can't listen there: {error.strerror or error}") from None


def _place(address: str) -> tuple[str, int]:
    """Return the host and the port of `[HOST:]PORT`."""
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or int(port) not in _PORTS:
        raise click.UsageError(f"--tcp {address}: wanted PORT or HOST:PORT, such as 2087 or 127.0.0.1:2087")
    return host.strip("[]") or _HERE, int(port)
