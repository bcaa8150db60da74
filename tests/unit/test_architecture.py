"""The code keeps to ARCHITECTURE: one library one module, no module too long, nothing at import."""

import ast
import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import panel
from panel import errors
from panel.domain.review import CHECKLIST, MANUAL

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "panel").rglob("*.py"))
OWNERS: dict[str, str | tuple[str, ...]] = {
    "openai": "panel/providers/openai.py",
    "mistralai": "panel/providers/mistral.py",
    "anthropic": "panel/providers/anthropic.py",
    "langgraph": "panel/pipeline/graph.py",
    "tenacity": ("panel/providers/middleware/retry.py", "panel/store/outage_retry.py"),
    "xllamacpp": "panel/providers/local.py",
    "genai_prices": "panel/providers/price_list.py",
    "prometheus_client": ("panel/store/metrics_file.py", "panel/votes/vote_metrics.py"),
    "license_expression": "panel/spdx.py",
    "wcwidth": "panel/publish/cells.py",
    "selectolax": ("panel/feeds", "panel/site/check.py"),
    "trafilatura": "panel/feeds/parse/pages.py",
    "sqlalchemy": "panel/store/sql",
    "alembic": ("panel/store/sql/upgrade.py", "panel/store/sql/migrations.py"),
    "psycopg": "panel/store",
    "procrastinate": "panel/store/queue",
    "croniter": "panel/store/queue",
    "starlette": ("panel/web", "panel/votes", "panel/signup", "panel/desk"),
    "css_inline": "panel/digest/letter.py",
    "email_validator": "panel/digest/addresses.py",
    "smtplib": "panel/digest/smtp.py",
    "sse_starlette": "panel/desk",
    "uvicorn": "panel/web/server.py",
    "krippendorff": "panel/audit/agreement.py",
    "numpy": "panel/audit",
    "itsdangerous": ("panel/votes/voters.py", "panel/desk/access.py"),
    "mcp": "panel/mcp",
}
FORBIDDEN_NAMES = {"utils", "common", "helpers", "manager", "base", "misc"}
LONGEST_MODULE = 600
LONGEST_FUNCTION = 50


@dataclass(frozen=True)
class Module:
    """What the tests ask of a module, read once: its imports, its functions by length, its lines.

    `named` are the lines on which something is compared with the name of a provider.
    """

    imports: frozenset[str]
    functions: tuple[tuple[str, int], ...]
    named: tuple[int, ...]
    lines: int


@cache
def module(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    imports: set[str] = set()
    functions, named = [], []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imports |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports.add(node.module.partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            functions.append((node.name, (node.end_lineno or 0) - node.lineno))
        elif isinstance(node, ast.Compare) and any(
            map(is_provider, (node.left, *node.comparators))
        ):
            named.append(node.lineno)
    return Module(frozenset(imports), tuple(functions), tuple(named), len(text.splitlines()))


def is_provider(side: ast.expr) -> bool:
    return isinstance(side, ast.Constant) and side.value in (CHECKLIST, MANUAL)


@pytest.mark.parametrize(("library", "owner"), OWNERS.items())
def test_a_library_is_imported_by_its_one_module_or_folder(
    library: str, owner: str | tuple[str, ...]
) -> None:
    users = [path for path in MODULES if library in module(path).imports]
    owners = (owner,) if isinstance(owner, str) else owner
    assert users
    assert all(any(path.is_relative_to(ROOT / one) for one in owners) for path in users)


def test_the_domain_imports_pydantic_only() -> None:
    allowed = {*sys.stdlib_module_names, "pydantic", "pydantic_core", "panel"}
    for path in (ROOT / "panel" / "domain").rglob("*.py"):
        assert module(path).imports <= allowed, path.name
        forbidden = {"asyncio", "os", "time", "socket", "random", "subprocess"}
        assert not module(path).imports & forbidden, path.name


def test_modules_are_named_for_a_subject_and_no_function_or_module_is_too_long() -> None:
    found = []
    for path in MODULES:
        name, read = path.relative_to(ROOT), module(path)
        if path.stem in FORBIDDEN_NAMES:
            found.append(f"{name}: no subject")
        if read.lines > LONGEST_MODULE:
            found.append(f"{name}: {read.lines} lines")
        found += [
            f"{name}: {function} has {lines} lines"
            for function, lines in read.functions
            if lines >= LONGEST_FUNCTION
        ]
    assert found == []


def test_no_provider_is_asked_for_by_a_name_that_is_written_out() -> None:
    """The names stand in the domain; nothing is compared with `"checklist"` or looked up by it."""
    found = [f"{path.relative_to(ROOT)}:{line}" for path in MODULES for line in module(path).named]
    assert found == []


def loaded_by(code: str, folder: Path) -> set[str]:
    """Return the modules that a process of its own has loaded after `code`."""
    ran = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            f"import sys, json\n{code}\nprint(json.dumps([*sys.modules]))",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(ran.stdout))


def test_importing_the_package_loads_no_library_and_touches_no_file(tmp_path: Path) -> None:
    loaded = loaded_by("import panel, panel.cli.main", tmp_path)
    heavy = {*OWNERS, "pydantic", "jinja2", "yaml", "httpx", "httpx2", "langchain_core", "rich"}
    assert not {name.partition(".")[0] for name in loaded} & heavy
    assert list(tmp_path.iterdir()) == []


def test_listing_what_is_in_the_ledger_loads_nothing_that_asks_shows_or_upgrades(
    tmp_path: Path,
) -> None:
    code = """
from panel.app.predictions import due
from panel.app.watched_pages import watched_pages
from panel.app.workspace import Workspace
with Workspace.open().with_open_ledger() as workspace:
    watched_pages(workspace), due(workspace)
"""
    loaded = loaded_by(code, tmp_path)
    assert "sqlalchemy" in loaded
    heavy = {*OWNERS, "jinja2", "httpx2", "sqlalchemy.dialects.postgresql"} - {"sqlalchemy"}
    assert not loaded & heavy


def test_the_public_names_are_these() -> None:
    wanted = "Run Tool Verdict Workspace ReviewOptions areview compare read_tool replay review"
    raised = {
        name
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, Exception)
    }
    assert {*wanted.split(), *raised, "__version__"} <= {*panel.__all__}
    assert all(getattr(panel, name) for name in panel.__all__)
    assert dir(panel) == sorted(panel.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = panel.Nothing
