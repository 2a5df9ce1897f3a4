"""The tests' own promise: nothing leaves this machine."""

import asyncio
import socket

import pytest
from pytest_socket import SocketConnectBlockedError


async def test_a_test_can_talk_to_itself() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    async with await asyncio.start_server(answer, "localhost", 0) as server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b"hello"
        writer.close()
        await writer.wait_closed()


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_connection_to_another_machine_is_refused() -> None:
    # An address kept for documentation: nobody answers there even if the door were open.
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 443), timeout=1)


def test_the_name_of_another_machine_is_not_looked_up() -> None:
    with pytest.raises(socket.gaierror, match="a test asked for"):
        socket.create_connection(("example.org", 443), timeout=1)
