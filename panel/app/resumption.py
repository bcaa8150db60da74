"""Resumption: what an interrupted review command had finished is not asked, or paid, again."""

from collections.abc import Sequence

from panel.app.panels import StoredRun
from panel.app.workspace import Workspace
from panel.domain.run import Run
from panel.domain.tool import Tool
from panel.errors import StoreError
from panel.store.unfinished_commands import RunName, UnfinishedCommand, UnfinishedCommands


class Resumption:
    """A review command on some tools, and how far earlier ones on the same tools came.

    The rule. A command is recorded from its start until each of its tools is done: its run is final
    and its page is written. A later command that names all its tools, and maybe more, resumes it: a
    tool whose recorded run is final and of the same task is taken as done. A command on some of
    its tools only is a new one; whatever it does counts for the recorded one too, and once nothing
    is left of that, its record is removed. So a tool that is reviewed again by a new command is a
    new run, and no record lasts longer than the work that it stands for.
    """

    def __init__(
        self, workspace: Workspace, commands: UnfinishedCommands, runs: dict[str, RunName | None]
    ) -> None:
        self._workspace = workspace
        self._commands = commands
        self._runs = runs

    @classmethod
    def open(cls, workspace: Workspace, tools: Sequence[Tool]) -> "Resumption":
        """Return the command on `tools`, from now on recorded. Raises StoreError."""
        commands = UnfinishedCommands(workspace.root / "runs")
        runs: dict[str, RunName | None] = dict.fromkeys(tool.slug for tool in tools)
        resumed = [one for one in commands.all() if one.runs.keys() <= runs.keys()]
        for earlier in resumed:
            runs.update({slug: name for slug, name in earlier.runs.items() if name})
        commands.keep(runs)  # before theirs go: what is finished is not to be paid again
        for earlier in resumed:
            if earlier.runs.keys() != runs.keys():
                commands.end(earlier.runs)
        return cls(workspace, commands, runs)

    def finished(self, tool: Tool, task: str) -> StoredRun | None:
        """Return the run that an earlier command finished of this task; None where it is to be done."""
        name = self._runs[tool.slug]
        stored = self._find(name) if name else None
        if stored is None or not stored.run.is_final or stored.run.inputs.task != task:
            return None
        return stored

    def began(self, run: Run) -> None:
        """Record that `run` is under way, here and wherever else its tool is recorded."""
        slug, name = run.slug, RunName(date=run.inputs.date, id=run.id)
        self._runs[slug] = name
        self._commands.keep(self._runs)
        for other in self._commands.all():
            if slug in other.runs and other.runs.keys() != self._runs.keys():
                self._commands.keep({**other.runs, slug: name})

    def end(self, is_published: bool) -> None:
        """Remove the records of which nothing is left; that of this command if it `is_published`."""
        for command in self._commands.all():
            is_own = command.runs.keys() == self._runs.keys()
            if self._is_done(command) and (is_published or not is_own):
                self._commands.end(command.runs)

    def _is_done(self, command: UnfinishedCommand) -> bool:
        found = [self._find(name) if name else None for name in command.runs.values()]
        return all(stored is not None and stored.run.is_final for stored in found)

    def _find(self, name: RunName) -> StoredRun | None:
        runs = self._workspace.runs
        path = runs.find(name.date, name.id)
        if path is None:
            return None
        try:
            return StoredRun(runs.read(path), path, resumed=True)
        except StoreError:
            return None
