"""A server for looking at a built site on this machine, with the headers and redirects of its files.

For an editor and the tests: the public is served by a web server, see docs/site.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".jsonl": "application/x-ndjson; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".png": "image/png",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class Answer:
    """What is sent for an address: a status, headers and a body."""

    status: int
    headers: dict[str, str]
    body: bytes


class SiteAnswers:
    """Answers addresses out of a built site, whose addresses begin with `root`."""

    def __init__(self, folder: Path, root: str) -> None:
        self._folder = folder
        self._root = root

    def answer(self, target: str) -> Answer:
        """Return the answer to a request target; nothing outside the folder is ever read."""
        path = unquote(urlsplit(target).path)
        # Read anew each time: a build may have put another site in this one's place.
        redirects = read_redirects(_text_of(self._folder / "_redirects"))
        headers = read_headers(_text_of(self._folder / "_headers"))
        bare = path if path.endswith("/") else f"{path}/"
        if (to := redirects.get(path) or redirects.get(bare)) is not None:
            return Answer(HTTPStatus.MOVED_PERMANENTLY, {"Location": to}, b"")
        file = self._file(path)
        if file is not None and file.is_dir():
            return Answer(HTTPStatus.MOVED_PERMANENTLY, {"Location": f"{path}/"}, b"")
        status = HTTPStatus.OK if file is not None else HTTPStatus.NOT_FOUND
        body = _bytes_of(file or self._folder / "404.html")
        kind = _TYPES.get(file.suffix if file else ".html", "application/octet-stream")
        own = {"Content-Type": kind, "Cache-Control": "no-cache"}
        return Answer(status, {**own, **_matching(headers, path)}, body)

    def _file(self, path: str) -> Path | None:
        if not path.startswith(self._root) or "\x00" in path:
            return None
        parts = path[len(self._root) :].split("/")
        if any(part in ("..", ".") or "\\" in part or part.startswith("_") for part in parts):
            return None
        inside = self._folder.joinpath(*filter(None, parts))
        if path.endswith("/"):
            inside /= "index.html"
        try:
            return inside if inside.exists() else None
        except OSError:  # a name that is longer than a file's may be
            return None


def read_headers(text: str) -> list[tuple[str, dict[str, str]]]:
    """Return what a `_headers` file sets, by the pattern of the paths that it is set for."""
    found: list[tuple[str, dict[str, str]]] = []
    for line in text.splitlines():
        if line and not line[0].isspace():
            found.append((line.strip(), {}))
        elif line.strip() and found:
            name, _, value = line.strip().partition(":")
            found[-1][1][name] = value.strip()
    return found


def read_redirects(text: str) -> dict[str, str]:
    """Return what a `_redirects` file leads elsewhere: the old path and the new one."""
    rows = (line.split() for line in text.splitlines())
    return {row[0]: row[1] for row in rows if len(row) > 1}


def _matching(headers: list[tuple[str, dict[str, str]]], path: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for pattern, values in headers:
        if fnmatchcase(path, pattern.replace("[", "[[]")):
            found |= values
    return found


def make_server(folder: Path, root: str, port: int) -> ThreadingHTTPServer:
    """Return a server of `folder` on this machine alone, not yet running. Raises OSError.

    Port 0 takes one that is free.
    """
    answers = SiteAnswers(folder, root)

    class Handler(BaseHTTPRequestHandler):
        server_version = "shipskip"
        sys_version = ""
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            self._send(with_body=True)

        def do_HEAD(self) -> None:
            self._send(with_body=False)

        def _send(self, *, with_body: bool) -> None:
            answer = answers.answer(self.path)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if with_body:
                self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
