"""What Shipskip itself takes: start, one panel, replay, pages.

Each command is a process of its own; what it is compared with runs in turn with it. Two figures are
median / least of several goes.
"""

import asyncio
import gc
import gzip
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.langgraph_floor import ask_nobody, build_floor
from benchmarks.measuring import (
    ROOT,
    Times,
    environment,
    print_table,
    recordings,
    run_script,
    verdict,
)
from panel.app.clock import SystemClock
from panel.app.event_loop import run_async
from panel.app.replay import replay as replay_runs
from panel.app.workspace import Workspace
from panel.domain.comparison import compare
from panel.domain.exchange import Completion, Request
from panel.domain.run import Run
from panel.domain.run_document import Recording
from panel.pipeline.graph import PanelGraph
from panel.pipeline.recording import RecordingProvider
from panel.pipeline.replay import ReplayProvider, replay
from panel.ports import Provider
from panel.publish.pages import Pages
from panel.store.run_files import RunFiles

COMMAND = Path(sys.executable).with_name("shipskip")
TOOL = ROOT / "examples" / "tools" / "openai-o3-pro.md"
SDKS = {"openai", "mistralai", "langgraph", "httpx2", "tenacity", "genai_prices", "jinja2"}
ANSWER_S = 0.05
LOADED = 100_000
REFUSAL = b'{"error":{"message":"no","type":"invalid_request_error","code":"invalid_api_key"}}'
Row = tuple[str, ...]


def main() -> None:
    if sys.argv[1:2] == ["replays"]:
        _replay_many(int(sys.argv[2]))
        return
    head = ("what", "goal", "median / least", "beside", "ratio", "met")
    print_table("One panel (two figures: median / least)", head, [*_starts(), _panel(), _render()])
    print_table("Pages", ("what", "goal", "bytes", "met"), _sizes())
    print_table("Replay through the real pipeline", ("what", "goal", "measured", "met"), _replays())


def _starts() -> list[Row]:
    bare = (sys.executable, "-c", "pass")
    libraries = (sys.executable, "-c", "import openai, langgraph.graph")
    helped, python = _in_turn([lambda: _run(COMMAND, "--help"), lambda: _run(*bare)], 15)
    imported, _ = _in_turn([_import_panel, lambda: _run(*bare)], 7)
    first, loaded = _in_turn([_first_call, lambda: _run(*libraries)], 5)
    return [
        _row("shipskip --help", 0.150, helped, "python -c pass", python),
        _row("import panel, no SDK with it", 0.150, imported, "python -c pass", python),
        _row("command to first HTTP call", 2.5, first, "import openai, langgraph", loaded),
    ]


def _row(what: str, goal: float, times: Times, beside: str, other: Times) -> Row:
    met = verdict(times.median, goal)
    if met == "NO" and verdict(times.least, goal) == "yes":
        met = "at least"
    return (what, f"< {goal * 1000:g} ms", times.shown, beside, times.over(other), met)


def _in_turn(actions: Sequence[Callable[[], float]], rounds: int) -> list[Times]:
    """Return the times of each action, all of them done once a round, after one round unmeasured."""
    for action in actions:
        action()
    found = [[action() for action in actions] for _ in range(rounds)]
    return [Times(column) for column in zip(*found, strict=True)]


def _run(*command: str | Path) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment())
    return time.perf_counter() - began


def _import_panel() -> float:
    code = (
        "import sys, time; began = time.perf_counter(); import panel; "
        f"print(time.perf_counter() - began, *({SDKS} & sys.modules.keys()))"
    )
    command = (sys.executable, "-c", code)
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
    seconds, *loaded = said.stdout.split()
    if loaded:
        sys.exit(f"import panel loads {', '.join(loaded)}")
    return float(seconds)


def _first_call() -> float:
    """Return the time from the command to its first byte at a loopback server, which refuses it."""
    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.TemporaryDirectory() as folder:
        heard: list[float] = []
        thread = threading.Thread(target=_refuse, args=(server, heard), daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        own = environment(OPENAI_API_KEY="bench", OPENAI_BASE_URL=address)
        command = (COMMAND, "review", str(TOOL), "--model", "openai:gpt-5.4-mini")
        began = time.perf_counter()
        subprocess.run(command, check=False, cwd=folder, env=own, capture_output=True)
        return heard[0] - began


def _refuse(server: socket.socket, heard: list[float]) -> None:
    while True:
        try:
            caller, _ = server.accept()
        except OSError:
            return
        with caller:
            caller.recv(65536)
            heard.append(time.perf_counter())
            head = f"HTTP/1.1 401 No\r\nContent-Length: {len(REFUSAL)}\r\nConnection: close\r\n\r\n"
            caller.sendall(head.encode() + REFUSAL)


class Slow:
    """A provider whose every answer takes 50 ms."""

    def __init__(self, inner: Provider) -> None:
        self._inner = inner

    async def complete(self, request: Request) -> Completion:
        """Return the inner answer, late."""
        await asyncio.sleep(ANSWER_S)
        return await self._inner.complete(request)


def _panel() -> Row:
    """Return what a panel takes beyond its slowest answer: graph, checks, four synced exchanges."""
    plain = next(
        one
        for one in _recordings()
        if len(one.exchanges) == len(one.run.assignments) and not one.run.has_checklist_part
    )
    own, floor = run_async(lambda: _panels(plain, 40))
    return _row(
        "one panel beyond its 50 ms answers", 0.015, own, "empty graph of that shape", floor
    )


async def _panels(recording: Recording, rounds: int) -> tuple[Times, Times]:
    panel, graph = PanelGraph(), build_floor()
    own, floor = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 3):
            run = recording.run.model_copy(update={"id": f"bench-{number:08x}"})
            began = time.perf_counter()
            with RunFiles(Path(folder)).lock(run) as stored:
                answers = RecordingProvider(
                    Slow(ReplayProvider(recording.exchanges)), stored, SystemClock()
                )
                refs = {seat.ref for seat in (*run.inputs.assignments, run.inputs.intake)}
                stored.save(await panel.convene(run, dict.fromkeys(refs, answers)))
            ended = time.perf_counter()
            await ask_nobody(graph)
            own.append(ended - began - ANSWER_S)
            floor.append(time.perf_counter() - ended)
    return Times(tuple(own[3:])), Times(tuple(floor[3:]))


def _recordings() -> list[Recording]:
    runs = Workspace.open(ROOT).runs
    return list(recordings(runs))


def _by_tool() -> list[Run]:
    """Return one recorded run of each tool."""
    return list({one.run.tool.slug: one.run for one in _recordings()}.values())


def _render() -> Row:
    comparison = compare(_by_tool()[:4])
    plain, pages = Pages.load(fonts=False), Pages.load()
    both = _in_turn(
        [
            lambda: _clocked(lambda: pages.render_comparison(comparison)),
            lambda: _clocked(lambda: plain.render_comparison(comparison)),
        ],
        30,
    )
    return _row(
        "a comparison page of four tools", 0.030, both[0], "the same without fonts", both[1]
    )


def _clocked(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _sizes() -> list[Row]:
    rows: list[Row] = []
    runs = _by_tool()
    for fonts, goal in ((False, 25_000), (True, 90_000)):
        pages = Pages.load(fonts=fonts)
        for count in (2, 4):
            html = pages.render_comparison(compare(runs[:count])).encode()
            packed = len(gzip.compress(html, 6))
            name = f"comparison of {count}, {'with' if fonts else 'without'} fonts, gzip -6"
            rows.append((name, f"< {goal:,}", f"{packed:,}", verdict(packed, goal)))
    return rows


def _replays() -> list[Row]:
    few, many = _replays_of(500), _replays_of(2000)
    least, floor = run_async(lambda: _one_by_one(400))
    return [
        ("500 replays, wall clock", "200 a second", _rate(few[0]), _fast(few[0])),
        ("500 replays, CPU time", "200 a second", _rate(few[1]), _fast(few[1])),
        ("one replay, median / least", "< 5 ms", least.shown, verdict(least.least, 0.005)),
        ("empty graph of that shape, in turn", "", floor.shown, ""),
        ("one replay over that floor", "", least.over(floor), ""),
        ("peak memory of a process", "", f"{few[2]:.0f} MB", ""),
        (
            "peak memory of a process at 2,000 replays",
            "flat",
            _growth(few[2], many[2]),
            _flat(few[2], many[2]),
        ),
    ]


def _rate(seconds: float) -> str:
    return f"{1 / seconds:.0f} a second, {seconds * 1000:.2f} ms each"


def _fast(seconds: float) -> str:
    return verdict(seconds, 1 / 200)


def _growth(few: float, many: float) -> str:
    return f"{many:.0f} MB, ratio {many / few:.2f}"


def _flat(few: float, many: float) -> str:
    return verdict(many / few, 1.1)


def _replays_of(count: int) -> tuple[float, float, float]:
    """Return wall seconds, CPU seconds and peak MB of `count` replays in a process of its own."""
    wall, cpu, megabytes = map(float, run_script(__file__, "replays", str(count)).split())
    return wall / count, cpu / count, megabytes


def _replay_many(count: int) -> None:
    """Replay `count` recordings as `shipskip replay` does, and print what that took."""
    gc.set_threshold(LOADED)  # as the command does
    workspace = Workspace.open(ROOT)
    paths = [str(path) for path in workspace.runs.paths()]
    replay_runs(*paths, workspace=workspace, as_recorded=True)
    names = (paths * count)[:count]
    wall, cpu = time.perf_counter(), time.process_time()
    found = replay_runs(*names, workspace=workspace, as_recorded=True)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    own, children = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu += children.ru_utime + children.ru_stime
    if different := [one for one in found if not one.is_same]:
        sys.exit(f"{different[0].path.name}: {different[0].differences[0]}")
    print(wall, cpu, max(own.ru_maxrss, children.ru_maxrss) / 1024)


async def _one_by_one(count: int) -> tuple[Times, Times]:
    runs = Workspace.open(ROOT).runs
    paths, panel, graph = runs.paths(), PanelGraph(), build_floor()
    own, floor = [], []
    for number in range(count):
        began = time.perf_counter()
        one = runs.load(paths[number % len(paths)])
        await replay(panel, one.run, one.exchanges, one.run.inputs)
        ended = time.perf_counter()
        await ask_nobody(graph)
        own.append(ended - began)
        floor.append(time.perf_counter() - ended)
    return Times(tuple(own)), Times(tuple(floor))


if __name__ == "__main__":
    main()
