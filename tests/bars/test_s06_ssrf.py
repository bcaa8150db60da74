"""S6: no address leads a fetch to a machine that is not public, and the public ones are read."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any, Self

import httpcore2
import pytest

from panel.errors import FetchError
from panel.feeds.fetch import Fetched, Fetcher, Unchanged
from tests.bars.conftest import Corpus, Show
from tests.contract.loopback import Loopback, Reply

NAMES = "DNS:ok.example,DNS:xn--bcher-kva.example,IP:2606:4700::1111,IP:93.184.216.34"


class Secure(Loopback):
    """The loopback server behind TLS."""

    def __init__(self, replies: Sequence[Reply], context: ssl.SSLContext) -> None:
        super().__init__(replies)
        self._context = context

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=self._context)
        return self


class Watching(httpcore2.AnyIOBackend):
    """Writes down every connection and takes it to the server of its port."""

    def __init__(self, plain: Loopback, secure: Loopback) -> None:
        self._servers = {80: plain, 443: secure}
        self.reached: list[str] = []

    async def connect_tcp(
        self, host: str, port: int, *rest: Any, **options: Any
    ) -> httpcore2.AsyncNetworkStream:
        self.reached.append(host)
        there = int(self._servers[port].address.rpartition(":")[2])
        return await super().connect_tcp("127.0.0.1", there, *rest, **options)


class Zone:
    """The names of one case: fixed ones, ones that change from answer to answer, or none."""

    def __init__(self, case: dict[str, Any]) -> None:
        self._fixed = case.get("dns", {})
        self._changing = {name: list(all_) for name, all_ in case.get("dns_sequence", {}).items()}

    async def __call__(self, host: str) -> Sequence[str]:
        if host in self._changing:
            answers = self._changing[host]
            answer: list[str] = answers.pop(0) if len(answers) > 1 else answers[0]
            return answer
        found: list[str] = self._fixed.get(host) or self._fixed.get("*") or []
        return found


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server and of the client that trusts it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl for a certificate")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=ok.example",
         "-addext", f"subjectAltName={NAMES}"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return server, ssl.create_default_context(cafile=certificate)


def replies(case: dict[str, Any]) -> list[Reply]:
    """Return what a server says: each redirect in turn; at the end the feed, or the last again."""
    moves = [Reply(status=302, headers={"location": to}) for to in case.get("redirects", [])]
    ends = case["expect"].startswith("allow") or not moves
    return [*moves, Reply(b"<rss/>")] if ends else moves


async def fetch(
    case: dict[str, Any], tls: tuple[ssl.SSLContext, ssl.SSLContext]
) -> tuple[list[str], Fetched | Unchanged | FetchError]:
    """Return the addresses that were connected to, and what came of it."""
    script = replies(case)
    # The one control that is redirected goes on over TLS, where its feed lies.
    async with Loopback(script) as plain, Secure(script[-1:], tls[0]) as secure:
        network = Watching(plain, secure)
        fetcher = Fetcher(resolve=Zone(case), network=network, tls=tls[1])
        try:
            return network.reached, await fetcher.fetch(case["url"])
        except FetchError as error:
            return network.reached, error


async def test_no_case_reaches_a_machine_that_is_not_public(
    corpus: Corpus, tls: tuple[ssl.SSLContext, ssl.SSLContext], show: Show
) -> None:
    cases = corpus("ssrf")
    connected, refused, read, controls = 0, 0, 0, 0
    for case in cases:
        reached, outcome = await fetch(case, tls)
        outside = [host for host in reached if host not in {"93.184.216.34", "2606:4700::1111"}]
        assert not outside, (case["id"], outside)
        connected += len(reached)
        if isinstance(outcome, FetchError):
            refused += 1
            assert "\n" not in str(outcome)
        expect = case["expect"]
        if expect.startswith(("allow (control", "allow after")):
            controls += 1
            read += isinstance(outcome, Fetched)
            assert isinstance(outcome, Fetched), (case["id"], outcome)
        elif expect == "block" or "port rule" in expect:
            assert isinstance(outcome, FetchError), case["id"]
    show(
        f"S6: {len(cases)} cases, {connected} connections, 0 of them to an address that is not "
        f"public; {refused} refused, {read} of {controls} controls read; ports other than 80 and "
        "443 are refused by rule"
    )
    assert controls == 5
    assert len(cases) == 66


async def test_a_certificate_of_another_name_is_not_taken(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    case = {"url": "https://other.example/", "expect": "block", "dns": {"*": ["93.184.216.34"]}}
    reached, outcome = await fetch(case, tls)
    assert isinstance(outcome, FetchError)
    assert all(ip_address(host).is_global for host in reached)
