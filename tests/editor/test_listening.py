"""The language server at a socket: one editor connects, is answered as over a pipe, and the server ends with it."""

import asyncio
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from lsprotocol import types

from tests.cli.running import called
from tests.editor.client import COMMAND, PATIENCE, Editor, run

WRONG = "when funding_8h > 0.05 then hedge 70%\n"


@asynccontextmanager
async def listening(at: str = "127.0.0.1") -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """Start a server at a port that is free; give it and the port."""
    server = await asyncio.create_subprocess_exec(*COMMAND, "--tcp", f"{at}:0", stderr=asyncio.subprocess.PIPE)
    assert server.stderr is not None
    told = (await asyncio.wait_for(server.stderr.readline(), PATIENCE)).decode()
    found = re.fullmatch(rf"listening on {re.escape(at)}:(\d+)\s*", told)
    assert found is not None, told
    yield server, int(found[1])
    if server.returncode is None:
        server.kill()
        await server.wait()


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as end:
            end.bind(("::1", 0))
    except OSError:
        return False
    return True


async def connected(port: int) -> Editor:
    editor = Editor()
    await editor.start_tcp("127.0.0.1", port)
    await asyncio.wait_for(editor.initialize_async(types.InitializeParams(types.ClientCapabilities())), PATIENCE)
    editor.initialized(types.InitializedParams())
    return editor


def test_an_editor_connects_is_answered_and_leaves() -> None:
    async def work() -> None:
        async with listening() as (server, port):
            editor = await connected(port)
            (told,) = await editor.open("file:///a.rules", WRONG)
            assert told.code == "RL302"
            await editor.shutdown_async(None)
            editor.exit(None)
            assert await asyncio.wait_for(server.wait(), PATIENCE) == 0

    run(work)


def test_a_second_editor_is_turned_away_and_the_first_goes_on() -> None:
    async def work() -> None:
        async with listening() as (server, port):
            editor = await connected(port)
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port)
            assert await editor.open("file:///a.rules", WRONG)
            await editor.shutdown_async(None)
            editor.exit(None)
            assert await asyncio.wait_for(server.wait(), PATIENCE) == 0

    run(work)


def test_an_editor_that_goes_away_without_a_word_ends_it() -> None:
    async def work() -> None:
        async with listening() as (server, port):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"Content-Length: 400\r\n\r\n{")
            writer.close()
            assert await asyncio.wait_for(server.wait(), PATIENCE) == 1
            assert server.stderr is not None and b"Traceback" not in await server.stderr.read()

    run(work)


@pytest.mark.parametrize("said", [b"A" * 200_000, b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n"])
def test_what_speaks_something_else_is_told_from_a_fault_of_ours(said: bytes) -> None:
    async def work() -> None:
        async with listening() as (server, port):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(said)
            assert server.stderr is not None
            told = await asyncio.wait_for(server.stderr.read(), PATIENCE)
            assert told.decode().splitlines() == ["Error: what connected doesn't speak the language server protocol"]
            assert await asyncio.wait_for(server.wait(), PATIENCE) == 1
            writer.close()

    run(work)


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no address ::1")
def test_an_address_of_version_6_is_told_in_brackets() -> None:
    async def work() -> None:
        async with listening("[::1]") as (_, port):
            _, writer = await asyncio.open_connection("::1", port)
            writer.close()

    run(work)


@pytest.mark.parametrize("address", ["x", "70000", "127.0.0.1:", "", "-1"])
def test_what_is_no_address_is_said(address: str) -> None:
    result = called("lsp", "--tcp", address)
    assert (result.code, result.last) == (
        2, f"--tcp {address}: wanted PORT or HOST:PORT, such as 2087 or 127.0.0.1:2087",
    )  # fmt: skip


def test_a_port_that_is_taken_is_said() -> None:
    async def work() -> None:
        async with listening() as (_, port):
            command = (*COMMAND, "--tcp", str(port))
            second = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
            _, told = await asyncio.wait_for(second.communicate(), PATIENCE)
            assert second.returncode == 2 and f"--tcp {port}: can't listen there".encode() in told

    if sys.platform != "win32":
        run(work)
