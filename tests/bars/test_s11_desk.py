"""S11, the desk: headers on every route, and no post without its session's token or from elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from panel.app.workspace import Workspace
from panel.desk.service import DeskService
from tests.bars.conftest import Show
from tests.desk import EDITOR, a_flagged_run, decided, lay_out_desk, served

HEADERS = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
)
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
STREAM = "/events"


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
    with httpx2.Client(base_url=desk.address) as client:
        found = {path: client.get(path) for path in desk.reads if not path.endswith(STREAM)}
        found |= {f"POST {path}": client.post(path) for path in desk.posts}
    for path, answer in found.items():
        assert all(name in answer.headers for name in HEADERS), path
        policy = answer.headers["content-security-policy"]
        assert "'unsafe-inline'" not in policy or "sandbox" in policy, path
        assert "script-src" not in policy or "'nonce-" in policy, path
    show(f"{len(found)} of {len(found)} routes with {len(HEADERS)} headers")


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
        assert client.post(OPEN_TO_ALL, headers=FOREIGN[2]).status_code == 403
        renamed = {"host": "rebound.example", "sec-fetch-site": "same-origin"}
        assert client.get("/queue", headers=renamed).status_code == 400
    assert decided(desk.workspace) == []
    show(f"{refused} of {refused} posts refused on {len(posts)} routes, 0 decisions written")
