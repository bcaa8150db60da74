"""S11, the desk: headers on every route, and no post without its session's token or from elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from panel.app.workspace import Workspace
from panel.desk.service import DeskService
from tests.bars.conftest import Show
from tests.desk import EDITOR, a_flagged_run, decided, lay_out_desk, served

HEADERS = {
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "",
}
"""What each header has to say, or that it has to be there."""
FOREIGN: tuple[dict[str, str], ...] = (
    {},
    {"origin": "null"},
    {"origin": "https://evil.example"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "same-site", "origin": "https://evil.example"},
)
RUN = a_flagged_run()
OPEN_TO_ALL = "/sign-in"


@dataclass(frozen=True)
class Served:
    """A desk that is served, with the addresses of all its routes."""

    workspace: Workspace
    address: str
    reads: list[str]
    posts: list[str]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    workspace = lay_out_desk(tmp_path_factory.mktemp("desk") / "newsroom", [RUN])
    with workspace.with_open_ledger() as opened:
        service = DeskService(opened, host="127.0.0.1", editor=EDITOR)
        reads: list[str] = []
        posts: list[str] = []
        for route in service.routes():
            path = route.path.format(day=RUN.inputs.date, run=RUN.id, job="0" * 16)
            (posts if "POST" in (route.methods or ()) else reads).append(path)
        with served(service.app()) as address:
            yield Served(workspace, address, reads, posts)


def test_every_route_has_every_header_and_no_script_without_a_nonce(
    desk: Served, show: Show
) -> None:
    found: dict[str, httpx2.Response] = {}
    with httpx2.Client(base_url=desk.address) as client:
        for method, paths in (("GET", desk.reads), ("POST", desk.posts)):
            for path in paths:
                with client.stream(method, path) as answer:  # a stream of events has no end
                    found[f"{method} {path}"] = answer
    for path, answer in found.items():
        for name, value in HEADERS.items():
            assert value in answer.headers.get(name, f"no {name}"), path
        policy = answer.headers["content-security-policy"]
        assert "'unsafe-inline'" not in policy or "sandbox" in policy, path
        assert "script-src" not in policy or "'nonce-" in policy, path
        assert "access-control-allow-origin" not in answer.headers, path
    assert any(path.endswith("/events") for path in found)
    show(f"S11, desk: {len(found)} routes, each with {len(HEADERS)} headers")


def test_no_route_answers_under_another_name_of_the_host(desk: Served, show: Show) -> None:
    names = ("rebound.example", "127.0.0.1.rebound.example", "rebound.example:80", "")
    own = {"sec-fetch-site": "same-origin"}
    with httpx2.Client(base_url=desk.address) as client:
        refused = [
            client.request(method, path, headers={**own, "host": name}).status_code
            for method, paths in (("GET", desk.reads), ("POST", desk.posts))
            for path in paths
            for name in names
        ]
    assert set(refused) == {400}
    show(f"S11, desk: {len(refused)} of {len(refused)} requests under other names refused")


def test_no_post_counts_without_its_token_or_from_elsewhere(desk: Served, show: Show) -> None:
    refused = 0
    posts = [path for path in desk.posts if path != OPEN_TO_ALL]
    with httpx2.Client(base_url=desk.address) as client:
        client.get("/queue")
        for path in posts:
            own = {"sec-fetch-site": "same-origin"}
            for token in ({}, {"token": "forged"}):
                assert client.post(path, data=token, headers=own).status_code == 403, path
                refused += 1
            for headers in FOREIGN:
                assert client.post(path, headers=headers).status_code == 403, (path, headers)
                refused += 1
        for headers in FOREIGN:  # its form has no token: no session is open yet
            assert client.post(OPEN_TO_ALL, headers=headers).status_code == 403, headers
            refused += 1
    assert decided(desk.workspace) == []
    show(
        f"S11, desk: {refused} of {refused} posts from elsewhere or without their token refused on "
        f"{len(desk.posts)} routes, 0 decisions written"
    )
