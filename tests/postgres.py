"""A real Postgres for tests: a private cluster on loopback, with a new database for each test.

Fixtures: `postgres` is the server of the session, which a test may stop and start again;
`postgres_address` is a new, empty database on it, as a `postgresql://` address. Tests that ask for
either are skipped where there is none, and fail under `--need-postgres`.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, Final, Literal

import pytest

from tests.ports import free_port

USER: Final = "shipskip"
PASSWORD: Final = "not-a-secret-7d1f"  # noqa: S105 - of a server that lives for one session
_PATIENCE_S = 60.0
_DEBIAN = Path("/usr/lib/postgresql")
_UNPRIVILEGED = ("postgres", "nobody")  # a server and initdb refuse to run as root
_LOGS_COPIES = 15  # the first version that copies a new database through its log: thrice the work
_ENDINGS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "autovacuum": "off",
}


class Cluster:
    """A Postgres server of its own, in a folder of its own, on a port of 127.0.0.1."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs = programs
        self.folder = folder
        self.port = free_port()
        self._account = _unprivileged_account()
        self._numbers = count(1)
        self._copying = ""
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the server that runs."""
        assert self._server is not None
        return self._server.pid

    def address(self, database: str = "postgres") -> str:
        """Return the address of a database on this server, password included."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def initialise(self) -> None:
        """Make the cluster's files."""
        if self._account:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        secret = self.folder / "password"
        secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
        secret.chmod(0o644)
        options = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
        program, data = str(self.programs / "initdb"), str(self.folder / "data")
        command = [program, f"--username={USER}", f"--pwfile={secret}", *options, "-D", data]
        with self._log() as log:
            made = subprocess.run(command, check=False, stdout=log, stderr=log, **self._as_user())
        if made.returncode:
            pytest.fail(f"initdb failed: {self._said()}", pytrace=False)
        if float((self.folder / "data" / "PG_VERSION").read_text(encoding="ascii")) >= _LOGS_COPIES:
            self._copying = " STRATEGY FILE_COPY"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = {**_SETTINGS, "port": self.port, "unix_socket_directories": self.folder}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self._log() as log:
            self._server = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for pytest
                **self._as_user(),
            )
        self._wait()

    def stop(self, how: Literal["fast", "immediate"] = "fast") -> None:
        """Stop the server: `fast` turns its clients out, `immediate` is a crash without farewell."""
        if self._server is None:
            return
        self._server.send_signal(_ENDINGS[how])
        self._server.wait(_PATIENCE_S)
        self._server = None

    @contextmanager
    def stopped(self, how: Literal["fast", "immediate"] = "fast") -> Iterator[None]:
        """Have no server for a while."""
        self.stop(how)
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def database(self, like: str = "template1") -> Iterator[str]:
        """Yield the address of a new database, which is gone afterwards with all who use it.

        It is a copy of the one that it is made `like`, to which nobody may be connected meanwhile.
        """
        name = f"test_{next(self._numbers)}"
        self.command(f"CREATE DATABASE {name} TEMPLATE {like}{self._copying}")
        try:
            yield self.address(name)
        finally:
            if self._server is None:
                self.start()
            self.command(f"DROP DATABASE {name} WITH (FORCE)")

    def command(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Return the rows of one statement, outside of a transaction."""
        import psycopg  # noqa: PLC0415 - an extra: where it is missing the tests are skipped

        with psycopg.connect(self.address(database), autocommit=True) as connection:
            ran = connection.execute(statement.encode())
            return ran.fetchall() if ran.description else []

    def _as_user(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        return {
            "user": self._account.pw_uid,
            "group": self._account.pw_gid,
            "extra_groups": (),
            "cwd": self.folder,
        }

    @contextmanager
    def _log(self) -> Iterator[int]:
        handle = os.open(self.folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            yield handle
        finally:
            os.close(handle)

    def _said(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]

    def _wait(self) -> None:
        import psycopg  # noqa: PLC0415 - an extra: where it is missing the tests are skipped

        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                psycopg.connect(self.address(), connect_timeout=30).close()
            except psycopg.OperationalError:
                assert self._server is not None
                if self._server.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"Postgres did not start: {self._said()}", pytrace=False)
                time.sleep(0.05)
            else:
                return


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("shipskip").addoption(
        "--need-postgres", action="store_true", help="fail where a Postgres test would be skipped"
    )


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[Cluster]:
    """The server of this session. Who stops it starts it again: `with postgres.stopped(): ...`."""
    programs = find_programs()
    if isinstance(programs, str):
        if pytestconfig.getoption("--need-postgres"):
            pytest.fail(programs, pytrace=False)
        pytest.skip(programs)
    # pytest's own folders are closed to other accounts, and too deep for a socket's name. Where make
    # has those in memory, so is this: copying a database takes half as long.
    place = os.environ.get("PYTEST_DEBUG_TEMPROOT")  # noqa: TID251 - make's word to pytest
    with tempfile.TemporaryDirectory(prefix="pg-", dir=place) as folder:
        cluster = Cluster(programs, Path(folder))
        cluster.initialise()
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop("immediate")


@pytest.fixture
def postgres_address(postgres: Cluster) -> Iterator[str]:
    """The address of a database that this test has for itself."""
    with postgres.database() as address:
        yield address


def find_programs() -> Path | str:
    """Return the folder of `initdb` and `postgres`, or a line that says what is missing."""
    if find_spec("psycopg") is None:
        return "psycopg is not installed: install the extra [postgres]"
    if sys.platform == "win32":
        return "the Postgres of these tests needs a Unix"
    found = shutil.which("postgres")
    versions = sorted(_DEBIAN.glob("*/bin"), key=lambda folder: _number(folder.parent.name))
    folders = [Path(found).resolve().parent] if found else []
    for folder in (*folders, *reversed(versions)):
        if all((folder / name).is_file() for name in ("postgres", "initdb")):
            return folder
    return "Postgres is not installed: Debian's package is `postgresql`; CONTRIBUTING.md says how"


def _number(version: str) -> float:
    with suppress(ValueError):
        return float(version)
    return 0.0


def _unprivileged_account() -> pwd.struct_passwd | None:
    """Return who the server runs as; None is whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    pytest.skip("Postgres does not run as root, and there is no account `postgres` or `nobody`")
