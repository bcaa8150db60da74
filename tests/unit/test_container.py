"""The image and the compose file: linted and read, since no engine is needed to run the tests."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
import yaml

from tests.command_lines import parse_command
from tests.conftest import CHECKOUT

DOCKERFILE = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(
    (CHECKOUT / "compose.yaml").read_text(encoding="utf-8")
)["services"]
OURS = {name: one for name, one in SERVICES.items() if "build" in one}
PIN = re.compile(r"^([\w.-]+)(?:\[.*?\])?==(\S+)", re.MULTILINE)


def instructions() -> list[tuple[str, str]]:
    """Return each instruction of the Dockerfile with its arguments on one line."""
    lines = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [
        (word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line)
    ]


def arguments(word: str) -> list[str]:
    return [rest for found, rest in instructions() if found == word]


def test_the_linter_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.is_file():
        pytest.skip("hadolint is not installed here: the Dockerfile is not linted")
    ran = subprocess.run(
        [hadolint, "Dockerfile"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_it_runs_as_nobody_special_from_hashed_packages_with_a_volume_of_its_own() -> None:
    assert len(arguments("FROM")) == 2
    (user,), (volume,) = arguments("USER"), arguments("VOLUME")
    assert int(user) > 0
    assert volume == arguments("WORKDIR")[-1]
    packages = [one for one in arguments("RUN") if "pip install" in one and " -r " in one]
    assert packages
    assert all("--require-hashes" in one for one in packages)
    assert not [one for one in arguments("ENV") if re.search("KEY|SECRET|TOKEN|PASSWORD", one)]


@pytest.mark.slow
def test_what_is_copied_into_the_image_is_enough_to_build_the_package(tmp_path: Path) -> None:
    allowed = {
        line[1:] for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line[0] == "!"
    }
    for given in arguments("COPY"):
        if given.startswith("--from"):
            continue
        *sources, target = given.split()
        for source in sources:
            assert source in allowed
            there = tmp_path / (source if target == "./" else target)
            if (CHECKOUT / source).is_dir():
                shutil.copytree(
                    CHECKOUT / source, there, ignore=shutil.ignore_patterns("__pycache__")
                )
            else:
                shutil.copy(CHECKOUT / source, there)
    code = "from hatchling.build import build_wheel; print(build_wheel('.'))"
    built = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    with zipfile.ZipFile(tmp_path / built.stdout.split()[-1]) as wheel:
        names = set(wheel.namelist())
    assert {"panel/cli/main.py", "panel/_data/shipskip.toml"} <= names
    assert {
        f"panel/_data/personas/{one.name}" for one in (CHECKOUT / "personas").iterdir()
    } <= names


def test_the_image_has_the_packages_of_the_tests_in_the_same_versions() -> None:
    ours, tested = (
        dict(PIN.findall((CHECKOUT / f"requirements-{name}.txt").read_text()))
        for name in ("image", "dev")
    )
    assert {"uvicorn", "psycopg", "procrastinate", "typst", "trafilatura"} <= ours.keys()
    assert ours.items() <= tested.items()


@pytest.mark.parametrize("name", OURS)
def test_each_service_is_a_command_that_exists_in_a_box_that_it_cannot_write_to(name: str) -> None:
    service = OURS[name]
    parse_command(service["command"])
    assert service["read_only"] is True
    assert service["env_file"] == ".env", "the keys of every service, as the guide has them there"
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "user" not in service
    assert any(one.endswith(f":{arguments('VOLUME')[0]}") for one in service["volumes"])
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


@pytest.mark.parametrize("name", OURS)
def test_what_serves_is_asked_for_its_health_and_nothing_else(name: str) -> None:
    service = OURS[name]
    command = service["command"]
    if "--port" not in command:
        assert service["healthcheck"] == {"disable": True}
        return
    port = command[command.index("--port") + 1]
    (default,) = [one for one in arguments("ENV") if one.startswith("HEALTH_URL=")]
    url = service["environment"].get("HEALTH_URL", default.partition("=")[2])
    assert url == f"http://127.0.0.1:{port}/health"
    assert service["ports"] == [f"127.0.0.1:{port}:{port}"]


def test_the_image_starts_with_a_command_that_exists() -> None:
    (entry,), (command,) = arguments("ENTRYPOINT"), arguments("CMD")
    assert json.loads(entry) == ["shipskip"]
    parse_command(json.loads(command))


class _Health(BaseHTTPRequestHandler):
    status: ClassVar[int] = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def health() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Health) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/health"
        server.shutdown()


@pytest.mark.parametrize("status", [200, 503])
def test_the_health_check_tells_a_healthy_service_from_a_faulty_one(
    health: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Health, "status", status)
    (check,) = arguments("HEALTHCHECK")
    python, *rest = json.loads(check.partition("CMD ")[2])
    assert python == "python"
    ran = subprocess.run(
        [sys.executable, *rest], env={"HEALTH_URL": health}, capture_output=True, check=False
    )
    assert (ran.returncode == 0) is (status == 200)
