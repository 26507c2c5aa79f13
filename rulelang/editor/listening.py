"""A language server that an editor connects to: one connection, over which everything is said, and then the end."""

import asyncio
import logging
import threading
from collections.abc import Callable

from pygls.io_ import run_async
from pygls.lsp.server import LanguageServer

_log = logging.getLogger(__name__)

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class NotSpoken(Exception):
    """Raised where what connected says something else than the protocol."""


def listen(server: LanguageServer, host: str, port: int, tell: Callable[[str], None]) -> None:
    """Serve the first editor that connects, until it leaves; others are turned away.

    `port` 0 takes any that is free. `tell` is called with the address, `127.0.0.1:2087`, once one can connect. Raises
    `OSError` where nothing can listen there, `NotSpoken` where what connected is no editor.
    """
    try:
        asyncio.run(_serve(server, host, port, tell))
    except (SystemExit, ConnectionError, asyncio.IncompleteReadError):  # it said `exit`, or went away without a word
        pass
    finally:
        server.shutdown()  # type: ignore[no-untyped-call]


async def _serve(server: LanguageServer, host: str, port: int, tell: Callable[[str], None]) -> None:
    reader, writer = await _connected(host, port, tell)
    server.protocol.set_writer(writer)
    ended, failed = threading.Event(), server.report_server_error
    try:
        await run_async(ended, reader, server.protocol, logger=_log, error_handler=failed)
    except ValueError as error:  # no line of a header is as long, and no length of a message
        raise NotSpoken("what connected doesn't speak the language server protocol") from error


async def _connected(host: str, port: int, tell: Callable[[str], None]) -> Ends:
    """Wait for a connection, and take no further one."""
    first: asyncio.Future[Ends] = asyncio.get_running_loop().create_future()

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if first.done():
            writer.close()
        else:
            first.set_result((reader, writer))

    listening = await asyncio.start_server(take, host, port)
    found = listening.sockets[0].getsockname()
    tell(f"[{host}]:{found[1]}" if ":" in host else f"{host}:{found[1]}")
    ends = await first
    listening.close()
    return ends
