"""A web server on loopback with pages that change, and a published tool on each."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from panel.app.workspace import Workspace
from panel.domain.run import Run
from panel.feeds.fetch import Fetcher
from panel.feeds.politeness import MOST_BYTES, Politeness
from tests.decisions import a_draft
from tests.factories import a_run, a_tool, some_inputs

TEXT = (
    "Quillbase keeps the notes of a team in plain files. The Team plan costs {price} per seat a month. "
    "It runs on your own server. Export is one command and takes every link along."
)


@dataclass(frozen=True)
class Page:
    """What the server answers for a path: `body` is HTML as text, or bytes as they are.

    Where it is a function, it is called with the number of the request.
    """

    body: str | bytes | Callable[[int], str] = ""
    status: int = 200
    etag: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def a_page(price: str = "$8", *, more: str = "", **fields: Any) -> Page:
    """Return the page of a tool with its price."""
    text = TEXT.format(price=price)
    body = f"<html><title>Quillbase</title><body><main><p>{text}</p>{more}</main></body></html>"
    return Page(body, **fields)


class Web:
    """A server of pages by path; `asked` has each request's path, with `304` where that was given."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.port = int(self._server.server_address[1])
        self.address = f"http://127.0.0.1:{self.port}"

    def fetcher(self, pause_s: float = 0.0) -> Fetcher:
        """Return a polite reader of this server, with no pause."""
        own: dict[str, Any] = {"ports": (self.port,), "allowed": lambda one: one.is_loopback}
        robots = Fetcher(most_bytes=MOST_BYTES, **own)
        return Fetcher(gate=Politeness(robots.fetch, pause_s=pause_s), **own)

    @property
    def read(self) -> list[str]:
        """The requests but those for robots.txt."""
        return [path for path in self.asked if path != "/robots.txt"]

    def serve(self) -> None:
        """Answer until it is closed."""
        self._server.serve_forever(poll_interval=0.01)

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            page = web.pages.get(path, Page("not here", status=404))
            same = page.etag is not None and self.headers["If-None-Match"] == page.etag
            web.asked.append(f"304 {path}" if same else path)
            said = page.body(len(web.asked)) if callable(page.body) else page.body
            body = said.encode() if isinstance(said, str) else said
            self.send_response(304 if same else page.status)
            if page.etag is not None:
                self.send_header("ETag", page.etag)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", page.headers.get("Content-Type", "text/html"))
            self.send_header("Content-Length", "0" if same else str(len(body)))
            self.end_headers()
            if not same:
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the library has it
            """Print nothing."""

    return Handler


@contextmanager
def a_web() -> Iterator[Web]:
    """Yield a server that answers."""
    web = Web()
    thread = threading.Thread(target=web.serve)
    thread.start()
    try:
        yield web
    finally:
        web.close()
        thread.join(60)


def publish(workspace: Workspace, name: str, url: str | None, **fields: Any) -> Run:
    """Return a finished run of a tool with that address, approved."""
    tool = a_tool(name, url=url, description=fields.pop("description", a_tool().description))
    inputs = some_inputs(tool, **fields)
    run = a_run(tool, inputs=inputs)
    save(workspace, run)
    with workspace.ledger() as ledger:
        past = ledger.decisions.of_tool(run.inputs.tool.slug)
        ledger.decisions.add(a_draft(run), past[-1].number if past else 0)
    return run


def save(workspace: Workspace, run: Run) -> None:
    """Keep a run in the store of a workspace."""
    with workspace.runs.lock(run) as folder:
        folder.save(run)


def later(days: int) -> datetime:
    """Return the moment so many days after the day of the runs that factories make."""
    return datetime(2026, 11, 22, 13, 42, tzinfo=UTC) + timedelta(days=days)
