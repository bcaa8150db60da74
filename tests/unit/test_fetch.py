import asyncio
import gzip
import ssl
import zlib
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import httpcore2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.addresses import (
    Target,
    is_public,
    literal_address,
    read_target,
    redact_source,
    redact_url,
)
from panel.domain.feed import Validators
from panel.errors import AddressRefused, FetchError
from panel.feeds.decompression import TooLarge, Unpacking, unpack
from panel.feeds.fetch import Fetched, Fetcher, Unchanged
from tests.contract.loopback import Loopback, Reply

PUBLIC = "93.184.216.34"


class Rerouting(httpcore2.AnyIOBackend):
    """Keeps account of where a connection was to go, and takes it to a loopback server."""

    def __init__(self, server: Loopback) -> None:
        self._server = server
        self.reached: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as the library has it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.reached.append(f"{host} {port}")
        home, _, own_port = self._server.address.removeprefix("http://").partition(":")
        return await super().connect_tcp(
            home, int(own_port), timeout, local_address, socket_options
        )


class Names:
    """A resolver that gives the answers it was told, in turn, the last one for ever after."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def fetcher(server: Loopback, *answers: Sequence[str], **options: Any) -> tuple[Fetcher, Rerouting]:
    network = Rerouting(server)
    names = Names(*(answers or ([PUBLIC],)))
    return Fetcher(resolve=names, network=network, **options), network


async def test_a_page_comes_from_the_checked_address_under_its_own_name() -> None:
    reply = Reply(b"<p>hello", headers={"content-type": "Text/HTML; charset=UTF-8", "etag": '"a"'})
    async with Loopback([reply]) as server:
        reader, network = fetcher(server)
        page = await reader.fetch("http://Ok.Example./a b".replace(" ", "%20") + "?q=ü#part")
    assert isinstance(page, Fetched)
    assert page.data == b"<p>hello"
    assert (page.content_type, page.charset) == ("text/html", "UTF-8")
    assert page.validators == Validators(etag='"a"')
    assert network.reached == [f"{PUBLIC} 80"]
    assert server.heard[0].headers["host"] == "ok.example"
    assert server.heard[0].path == "/a%20b?q=%C3%BC"


async def test_a_real_loopback_server_is_reached_where_that_is_allowed() -> None:
    async with Loopback([Reply(b"hello")]) as server:
        port = int(server.address.rpartition(":")[2])
        reader = Fetcher(ports=(port,), allowed=lambda address: address.is_loopback)
        page = await reader.fetch(server.address)
    assert isinstance(page, Fetched)
    assert page.data == b"hello"


async def test_without_that_argument_nothing_connects_to_this_machine() -> None:
    async with Loopback([Reply(b"hello")]) as server:
        port = int(server.address.rpartition(":")[2])
        with pytest.raises(AddressRefused, match=r"leads to 127\.0\.0\.1, which is no public"):
            await Fetcher(ports=(port,)).fetch(server.address)
        with pytest.raises(AddressRefused, match="no public address"):
            await Fetcher(ports=(port,)).fetch(f"http://localhost:{port}/")
        assert server.connections == 0


async def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    async with Loopback([Reply(b"hello")]) as server:
        reader, network = fetcher(server, [PUBLIC, "10.0.0.1"])
        with pytest.raises(AddressRefused, match=r"10\.0\.0\.1"):
            await reader.fetch("http://mixed.example/")
    assert network.reached == []


async def test_a_name_that_changes_its_mind_is_not_asked_twice() -> None:
    async with Loopback([Reply(b"hello")]) as server:
        reader, network = fetcher(server, [PUBLIC], ["127.0.0.1"])
        assert isinstance(await reader.fetch("http://rebind.example/"), Fetched)
        assert network.reached == [f"{PUBLIC} 80"]
        with pytest.raises(AddressRefused):
            await reader.fetch("http://rebind.example/")


async def test_each_redirect_is_checked_again() -> None:
    moved = Reply(status=302, headers={"location": "http://169.254.169.254/latest/meta-data/"})
    async with Loopback([moved]) as server:
        reader, network = fetcher(server)
        with pytest.raises(AddressRefused, match=r"169\.254\.169\.254"):
            await reader.fetch("http://ok.example/")
    assert network.reached == [f"{PUBLIC} 80"]


@pytest.mark.parametrize(("redirects", "reads"), [(3, True), (4, False)])
async def test_three_redirects_are_followed_and_no_more(redirects: int, reads: bool) -> None:
    hops = [Reply(status=301, headers={"location": f"/{n}"}) for n in range(redirects)]
    async with Loopback([*hops, Reply(b"there")]) as server:
        reader, _ = fetcher(server)
        if reads:
            page = await reader.fetch("http://ok.example/")
            assert isinstance(page, Fetched)
            assert page.url == "http://ok.example/2"
        else:
            with pytest.raises(FetchError, match="redirects more than 3 times"):
                await reader.fetch("http://ok.example/")
        assert len(server.heard) == 4


async def test_what_has_not_changed_is_not_sent_again() -> None:
    known = Validators(etag='W/"a"', last_modified="Sun, 22 Nov 2026 08:00:00 GMT")
    async with Loopback([Reply(status=304)]) as server:
        reader, _ = fetcher(server)
        assert isinstance(await reader.fetch("http://ok.example/", known), Unchanged)
        assert server.heard[0].headers["if-none-match"] == 'W/"a"'
        assert server.heard[0].headers["if-modified-since"] == "Sun, 22 Nov 2026 08:00:00 GMT"


async def test_a_server_that_was_not_asked_cannot_say_that_nothing_has_changed() -> None:
    async with Loopback([Reply(status=304)]) as server:
        reader, _ = fetcher(server)
        with pytest.raises(FetchError, match="answered 304"):
            await reader.fetch("http://ok.example/")
        with pytest.raises(FetchError, match="answered 304"):
            await reader.fetch("http://ok.example/", Validators())


async def test_the_cap_counts_what_a_packed_body_opens_to() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    async with Loopback([Reply(bomb, headers={"content-encoding": "gzip"})]) as server:
        reader, _ = fetcher(server)
        with pytest.raises(FetchError, match="more than 5,000,000 bytes"):
            await reader.fetch("http://ok.example/")


async def test_a_packed_page_is_opened() -> None:
    packed = gzip.compress(b"hello")
    async with Loopback([Reply(packed, headers={"content-encoding": "gzip"})]) as server:
        reader, _ = fetcher(server)
        page = await reader.fetch("http://ok.example/")
    assert isinstance(page, Fetched)
    assert page.data == b"hello"


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(b"x" * 11), "more than 10 bytes"),
        (Reply(raw=b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 11), "more than 10 bytes"),
        (Reply(b"hello", cut=2), "broke off"),
        (Reply(reset=True), "broke off"),
        (Reply(raw=b"SSH-2.0-OpenSSH\r\n"), "broke off"),
        (Reply(b"x", headers={"content-encoding": "br"}), r"compression \(br\)"),
        (Reply(b"xy", headers={"content-encoding": "gzip"}), r"compression \(gzip\)"),
        (
            Reply(gzip.compress(b"xy", mtime=0)[:9], headers={"content-encoding": "gzip"}),
            "broke off",
        ),
        (Reply(status=404), "answered 404. Check the address"),
        (Reply(status=503), "answered 503. Try again later"),
    ],
    ids=str,
)
async def test_an_answer_that_is_none_is_one_line(reply: Reply, message: str) -> None:
    async with Loopback([reply]) as server:
        reader, _ = fetcher(server, most_bytes=10)
        with pytest.raises(FetchError, match=message) as fault:
            await reader.fetch("http://ok.example/secret?token=abc")
    assert "\n" not in str(fault.value)
    assert "abc" not in str(fault.value)


@pytest.mark.parametrize(
    "reply", [Reply(b"slow", delay_s=600), Reply(b"x" * 100_000, trickle=1)], ids=["late", "loris"]
)
async def test_an_answer_that_takes_too_long_is_one_line(reply: Reply) -> None:
    async with Loopback([reply]) as server:
        reader, _ = fetcher(server, deadline_s=0.2)
        with pytest.raises(FetchError, match=r"it took longer than 0\.2 seconds") as fault:
            await reader.fetch("http://ok.example/secret?token=abc")
    assert "\n" not in str(fault.value)
    assert "abc" not in str(fault.value)


async def test_an_unknown_name_and_a_closed_port_say_so() -> None:
    async def nobody(host: str) -> Sequence[str]:
        raise OSError(host)

    with pytest.raises(FetchError, match=r"the name nobody\.example is not known"):
        await Fetcher(resolve=nobody).fetch("http://nobody.example/")
    async with Loopback([Reply()]) as server:
        port = int(server.address.rpartition(":")[2])
    with pytest.raises(FetchError, match="no connection"):
        await Fetcher(ports=(port,), allowed=lambda _: True).fetch(f"http://127.0.0.1:{port}/")


async def test_the_second_address_is_tried_where_the_first_is_dead() -> None:
    class HalfDead(Rerouting):
        async def connect_tcp(
            self, host: str, *args: Any, **options: Any
        ) -> httpcore2.AsyncNetworkStream:
            if not self.reached:
                self.reached.append(f"{host} dead")
                raise httpcore2.ConnectError
            return await super().connect_tcp(host, *args, **options)

    async with Loopback([Reply(b"hello")]) as server:
        network = HalfDead(server)
        reader = Fetcher(resolve=Names(["2606:4700::1111", PUBLIC]), network=network)
        assert isinstance(await reader.fetch("http://ok.example/"), Fetched)
    assert network.reached == ["2606:4700::1111 dead", f"{PUBLIC} 80"]


async def test_tls_is_asked_for_under_the_name_and_not_the_number() -> None:
    asked: list[str | bytes | None] = []

    class Listening(ssl.SSLContext):
        def wrap_bio(
            self,
            incoming: ssl.MemoryBIO,
            outgoing: ssl.MemoryBIO,
            server_side: bool = False,  # noqa: FBT002 - as the library has it
            server_hostname: str | bytes | None = None,
            session: ssl.SSLSession | None = None,
        ) -> ssl.SSLObject:
            asked.append(server_hostname)
            return super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)

    async with Loopback([Reply()], greeting=b"this is no TLS") as server:
        reader, network = fetcher(server, tls=Listening(ssl.PROTOCOL_TLS_CLIENT))
        with pytest.raises(FetchError, match="no connection"):
            await reader.fetch("https://ok.example/")
    assert asked == [b"ok.example"]
    assert network.reached == [f"{PUBLIC} 443"]


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.9.9.9", "169.254.169.254", "172.31.0.1",  # noqa: S104 - not bound to
        "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "224.0.0.1",
        "239.1.1.1", "240.0.0.1", "255.255.255.255", "168.63.129.16", "::", "::1", "::7f00:1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::808:808",
        "2002:808:808::1", "2001:0:808:808::1", "2001:db8::1", "3fff::1", "5f00::1", "fc00::1",
        "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "2606:4700::1111%eth0", "ff02::1", "fec0::1",
    ],
)  # fmt: skip
def test_what_is_not_public_is_known_in_every_form(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "text", [PUBLIC, "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_what_is_public_is_let_through(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_for_itself(inner: IPv4Address) -> None:
    for prefix in (0xFFFF << 32, 0x64FF9B << 96):
        assert is_public(IPv6Address(prefix | int(inner))) == is_public(inner)


@given(st.ip_addresses(v=4))
def test_a_number_is_read_as_the_operating_system_reads_it(address: IPv4Address) -> None:
    whole = int(address)
    first, rest = whole >> 24, whole & 0xFFFFFF
    for text in (str(address), str(whole), hex(whole), f"0{whole:o}", f"{first}.{rest}"):
        assert literal_address(text) == address
    assert literal_address(f"0x{first:x}.0{rest:o}") == address


@pytest.mark.parametrize(
    "host", ["256.0.0.1", "1.2.3.4.5", "4294967296", "08.0.0.1", "a.1", "1..2"]
)
def test_a_number_that_is_no_address_is_no_name_either(host: str) -> None:
    with pytest.raises(AddressRefused):
        read_target(f"http://{host}/")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://ok.example/", "only http and https"),
        ("//ok.example/", "only http and https"),
        ("http:///ok.example/", "no name"),
        ("http://ok.example:22/", "port 22"),
        ("http://ok.example:99999/", "taken apart"),
        ("http://user:pw@ok.example/", "user name"),
        ("http://ok.example\\@127.0.0.1/", "backslash"),
        ("http://ok.example/\r\nX: y", "backslash or another"),
        ("http://%31%32%37.0.0.1/", "no name"),
        ("http://[::1%25eth0]/x", "own network"),
        ("http://]::1[/", "taken apart"),
        ("http://faß.example/", "two ways"),
        ("http://-a.example/", "no name"),
        (f"http://{'a' * 64}.example/", "no name"),
        (f"http://{'ü.' * 200}example/", "too long"),
        (f"http://ok.example/{'a' * 3000}", "2,048 characters"),
        ("http://.../", "no name"),
    ],
)
def test_an_address_that_can_be_read_in_two_ways_is_refused(url: str, why: str) -> None:
    with pytest.raises(AddressRefused, match=why) as fault:
        read_target(url)
    assert "pw" not in str(fault.value)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://BÜCHER.example", "xn--bcher-kva.example"),
        ("http://a。b．c｡example/", "a.b.c.example"),
        ("http://①②⑦.⓪.⓪.①/", "127.0.0.1"),
        ("http://127.1/", "127.0.0.1"),
        ("http://0x7f000001./", "127.0.0.1"),
        ("http://[0:0::1]/", "::1"),
        ("https://ok.example:443/", "ok.example"),
    ],
)
def test_a_host_is_read_into_one_form(url: str, host: str) -> None:
    target = read_target(url)
    assert target.host == host
    assert (target.address is not None) == (host in ("127.0.0.1", "::1"))


def test_a_message_shows_no_secret_of_an_address() -> None:
    assert redact_url("https://me:pw@ok.example/a?token=abc#x") == "https://ok.example/a"
    assert redact_source("https://me:pw@ok.example/a?token=abc#x") == "https://ok.example/a"
    assert redact_source("feeds/a?b#c@d.xml") == "feeds/a?b#c@d.xml"


@given(st.binary(max_size=4_000), st.integers(1, 700))
def test_unpacking_in_pieces_is_unpacking_at_once(data: bytes, step: int) -> None:
    packed = gzip.compress(data[:1000]) + gzip.compress(data[1000:])
    unpacking = Unpacking("gzip")
    for start in range(0, len(packed), step):
        unpacking.take(packed[start : start + step])
    assert bytes(unpacking.data) == data == unpack(packed)
    assert unpacking.done


def test_a_bomb_stops_at_the_limit_and_not_after_it() -> None:
    unpacking = Unpacking("gzip", most=1_000_000)
    with pytest.raises(TooLarge):
        unpacking.take(gzip.compress(b"\0" * 100_000_000))
    assert len(unpacking.data) <= 1_000_001
    many = Unpacking("gzip", most=1_000_000)
    many.take(gzip.compress(b"") * 20_000)
    assert not many.data
    zipped = Unpacking("deflate")
    zipped.take(zlib.compress(b"hello"))
    assert zipped.data == b"hello"
    with pytest.raises(TooLarge):
        Unpacking(most=10).expect(b"9" * 5000)
    with pytest.raises(ValueError, match="cut off"):
        unpack(gzip.compress(b"hello")[:-9])


async def test_a_gate_stands_before_every_request_and_its_wait_is_no_part_of_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passed: list[str] = []

    async def gate(target: Target) -> None:
        loop = asyncio.get_running_loop()
        time = loop.time
        monkeypatch.setattr(loop, "time", lambda: time() + 3600)  # an hour goes by
        for _ in range(3):
            await asyncio.sleep(0)
        passed.append(target.url)

    replies = [Reply(b"", status=302, headers={"location": "/there"}), Reply(b"<p>hello")]
    async with Loopback(replies) as server:
        reader, _ = fetcher(server, gate=gate, deadline_s=60)
        page = await reader.fetch("http://ok.example/here")
    assert isinstance(page, Fetched)
    assert passed == ["http://ok.example/here", "http://ok.example/there"]
