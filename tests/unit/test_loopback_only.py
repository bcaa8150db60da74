import asyncio
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

CONFTEST = Path(__file__).parents[1] / "conftest.py"
# An address of TEST-NET-1 (RFC 5737): nobody answers there.
OUTSIDE = ("192.0.2.1", 80)


def test_connecting_to_another_machine_is_refused(outside_attempts: list[str]) -> None:
    with socket.socket() as client, pytest.raises(RuntimeError, match="only loopback is open"):
        client.connect(OUTSIDE)
    assert outside_attempts == ["192.0.2.1"]
    outside_attempts.clear()


def test_a_refusal_is_no_os_error_that_an_adapter_would_translate(
    outside_attempts: list[str],
) -> None:
    with socket.socket() as client, pytest.raises(RuntimeError) as refused:
        client.connect_ex(OUTSIDE)
    assert not isinstance(refused.value, OSError)
    outside_attempts.clear()


def test_a_datagram_to_another_machine_is_refused(outside_attempts: list[str]) -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as client,
        pytest.raises(RuntimeError, match="192"),
    ):
        client.sendto(b"hello", OUTSIDE)
    outside_attempts.clear()


@pytest.mark.parametrize("host", ["example.org", b"example.org", "2001:db8::1", "::ffff:192.0.2.1"])
def test_looking_up_another_machine_is_refused(
    host: str | bytes, outside_attempts: list[str]
) -> None:
    with pytest.raises(RuntimeError, match="only loopback is open"):
        socket.getaddrinfo(host, 80)
    outside_attempts.clear()


async def test_asyncio_is_held_back_too(outside_attempts: list[str]) -> None:
    with pytest.raises(RuntimeError, match=r"example\.org"):
        await asyncio.open_connection("example.org", 80)
    outside_attempts.clear()


async def test_loopback_answers_by_number_and_by_name() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            reader, writer = await asyncio.open_connection(host, port)
            assert await reader.read() == b"hello"
            writer.close()
            await writer.wait_closed()


@given(st.integers(0, 255))
def test_the_guard_leaves_property_tests_alone(last: int) -> None:
    host = f"127.0.0.{last}"
    assert socket.getaddrinfo(host, 80)[0][4][0] == host


def test_a_swallowed_refusal_fails_the_test_all_the_same(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]")  # no settings of whatever stands above the temporary folder
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(
        """
        import contextlib, socket

        def test_swallows():
            with socket.socket() as client, contextlib.suppress(RuntimeError):
                client.connect(("192.0.2.1", 80))
        """
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=1, errors=1)
