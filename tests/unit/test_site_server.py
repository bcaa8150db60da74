"""The server for a look: real requests on loopback, headers and redirects as the site's files say."""

import http.client
from collections.abc import Iterator
from threading import Thread

import pytest

from panel.site.server import make_server


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    outer = tmp_path_factory.mktemp("outer")
    (outer / "secret.txt").write_text("secret")
    folder = outer / "public"
    (folder / "tools" / "a").mkdir(parents=True)
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("front")
    (folder / "404.html").write_text("none")
    (folder / "tools" / "a" / "index.html").write_text("a tool")
    (folder / "assets" / "site.css").write_text("p{}")
    (folder / "_redirects").write_text("/r/b/ /r/tools/a/ 301\n")
    (folder / "_headers").write_text(
        "/r/*\n  X-Content-Type-Options: nosniff\n/r/assets/*\n  Cache-Control: immutable\n"
    )
    server = make_server(folder, "/r/", 0)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield "127.0.0.1", server.server_port
    server.shutdown()
    server.server_close()


def get(
    address: tuple[str, int], path: str, method: str = "GET"
) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection(*address, timeout=60)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def test_a_page_is_served_with_the_headers_of_its_path(address: tuple[str, int]) -> None:
    status, headers, body = get(address, "/r/tools/a/")
    assert (status, body) == (200, "a tool")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-cache"
    assert get(address, "/r/assets/site.css")[1]["Cache-Control"] == "immutable"
    assert get(address, "/r/", "HEAD")[2] == ""


def test_what_is_not_there_is_a_404_with_its_page(address: tuple[str, int]) -> None:
    assert get(address, "/r/none/")[::2] == (404, "none")
    assert get(address, "/")[::2] == (404, "none")
    assert get(address, f"/r/{'a' * 300}")[::2] == (404, "none")


def test_an_old_address_and_a_folder_without_its_slash_lead_on(address: tuple[str, int]) -> None:
    assert get(address, "/r/b/")[1]["Location"] == "/r/tools/a/"
    assert get(address, "/r/b")[1]["Location"] == "/r/tools/a/"
    assert get(address, "/r/tools/a")[1]["Location"] == "/r/tools/a/"


@pytest.mark.parametrize(
    "path",
    [
        "/r/../secret.txt",
        "/r/%2e%2e/secret.txt",
        "/r/..%2fsecret.txt",
        "/r/tools/..\\..\\secret.txt",
        "/r//../secret.txt",
        "/r/_headers",
        "/r/%00",
    ],
)
def test_nothing_beside_the_site_is_served(address: tuple[str, int], path: str) -> None:
    status, _, body = get(address, path)
    assert (status, body) == (404, "none")
