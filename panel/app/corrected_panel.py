"""The panel of a run once more, on the facts as editors corrected them: a run of its own.

A run has one text and one set of facts for all its reviewers, and its recording replays it. One
review on other facts would break both, so all are asked. The run before stays as it was recorded,
with what was decided on it.
"""

from panel.app.decisions import RunPublication
from panel.app.panels import PanelRunner, StoredRun
from panel.app.workspace import Workspace
from panel.domain.tool import Tool, slugify
from panel.errors import ConfigError


def corrected_tool(found: RunPublication) -> Tool:
    """Return the tool of a run as its editors corrected it, for another panel.

    The facts that the panel read itself are given too, so that they are read no other way. Where
    another name would make another tool of it, it goes by the one before. Raises ConfigError where
    no fact was corrected.
    """
    run = found.run
    facts = found.public.tool
    if facts == run.tool:
        raise ConfigError(
            f"{run.id}: no fact of it was corrected, so a panel would read the same again. Correct one "
            "first: `shipskip edit`, or `shipskip correct` once it is public."
        )
    name = facts.name if slugify(facts.name) == run.slug else run.inputs.tool.name
    return facts.model_copy(update={"name": name})


def begin_corrected(workspace: Workspace, found: RunPublication) -> tuple[PanelRunner, StoredRun]:
    """Return the run to be convened and who convenes it; an unfinished one of the same facts goes on.

    Raises ConfigError where no fact was corrected, or the run is not finished, and StoreError.
    """
    if found.run.state != "finished":
        raise ConfigError(f"{found.run.id}: its panel has not ended. Let it end first.")
    runner = PanelRunner(workspace)
    read = found.publication.prices_read
    return runner, runner.begin_corrected(found.run, corrected_tool(found), read)
