"""What every test stands on: no socket leaves the machine, data beside it is optional."""

import gc
import socket
from collections.abc import Generator, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from panel.cli.gc import collect_often
from tests.tracing import CountedTests

# No test asserts a time, and a busy machine takes a second where an idle one takes a moment.
settings.register_profile("shipskip", deadline=None)
# `make test-fast`: a look at each property; `make test` tries as many as Hypothesis does.
settings.register_profile("fast", deadline=None, max_examples=20)
settings.load_profile("shipskip")


def tries(most: int, **more: Any) -> settings:
    """Return settings of `most` examples, or of that share of them that the profile tries of 100."""
    return settings(max_examples=max(1, most * settings().max_examples // 100), **more)


pytest_plugins = ("pytester", "tests.postgres", "tests.ledgers", "tests.readings")

MOST_OF_AN_ID = 80
CHECKOUT = Path(__file__).resolve().parents[1]
UNITS = CHECKOUT / "tests" / "unit"


class OutsideSocketError(RuntimeError):
    """A test reached for another machine.

    Not an OSError: an adapter would take it for an outage and translate it.
    """


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("shipskip")
    group.addoption(
        "--need-browser", action="store_true", help="fail where a browser check would be skipped"
    )
    group.addoption(
        "--page",
        action="append",
        default=[],
        metavar="HTML",
        help="check this page too",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: opens pages in Chromium (`make browser`)")
    config.addinivalue_line(
        "markers", "slow: starts processes or servers, works a disk hard, or tries another seed"
    )
    config.addinivalue_line(
        "markers", "long: takes ten seconds or more; CI leaves it to `make test`"
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Trace what counts where pytest-cov, which begins here at the latest, is asked to."""
    manager = session.config.pluginmanager
    controller = getattr(manager.getplugin("_cov"), "cov_controller", None)
    if controller is not None:
        manager.register(CountedTests(controller))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without looking for garbage, which takes half the time: what is imported stays.

    The tests look as seldom as a batch does, and take a twentieth less.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        collect_often()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what stands on a Postgres, and leave to coverage only the quick tests of units.

    A traced test takes two and a half times as long. Every rule has a quick test of its own, so that
    its coverage hangs on no chance and no process; a file of such tests that are of no rule is marked
    `no_cover` as a whole.
    """
    for item in items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        if "postgres" in getattr(item, "fixturenames", ()) or "postgres" in params.values():
            item.add_marker(pytest.mark.slow)
        left_out = any(map(item.get_closest_marker, ("slow", "hypothesis")))
        if UNITS not in item.path.parents or left_out:
            item.add_marker(pytest.mark.no_cover)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name long values by their length: an id has to be short, and the same in every process."""
    if isinstance(val, str | bytes) and len(val) > MOST_OF_AN_ID:
        return f"{argname}-{len(val)}"
    return None


def is_loopback(host: object) -> bool:
    """Whether a host, by name or by number, is this machine."""
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name == "localhost":
        return True
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


@pytest.fixture(scope="session")
def outside_attempts() -> list[str]:
    """The hosts outside this machine that the running test has tried to reach."""
    return []


@pytest.fixture(scope="session", autouse=True)
def loopback_only(outside_attempts: list[str]) -> Iterator[None]:
    """Refuse connections, datagrams and name look-ups that would leave this machine.

    uvloop opens its connections below Python: a test that runs on it is not held back by this.
    """

    def refuse(host: object) -> None:
        outside_attempts.append(str(host))
        raise OutsideSocketError(
            f"a test reached for {host}: only loopback is open in tests; "
            "serve the other side on 127.0.0.1 or script it"
        )

    def guarded(name: str, address_at: int) -> Any:
        original = getattr(socket.socket, name)

        def method(self: socket.socket, *args: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                host = args[address_at][0]
                if not is_loopback(host):
                    refuse(host)
            return original(self, *args)

        return method

    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *args: Any, **options: Any) -> Any:
        if host and not is_loopback(host):
            refuse(host)
        return look_up(host, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        for name, address_at in (("connect", 0), ("connect_ex", 0), ("sendto", -1)):
            patch.setattr(socket.socket, name, guarded(name, address_at))
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(autouse=True)
def nothing_left_the_machine(outside_attempts: list[str]) -> Iterator[None]:
    """Fail a test that reached outside, even where the code under test swallowed the refusal."""
    outside_attempts.clear()
    yield
    if outside_attempts:
        pytest.fail(f"reached for {', '.join(outside_attempts)}: only loopback is open in tests")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of corpora beside the checkout; tests that ask for it are skipped without it."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data beside the checkout")
    return folder
