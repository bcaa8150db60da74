"""What an operator asks of a batch, and who hears how it goes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from panel.app.assignments import has_batch_service
from panel.app.panels import ReviewOptions, panel_assignments
from panel.app.providers import no_batch_service
from panel.app.workspace import Workspace
from panel.domain.batch_report import FeedLine
from panel.domain.job import Announced, Batch, Job, JobState
from panel.domain.review import MANUAL
from panel.errors import ConfigError

_OPEN: Final[frozenset[JobState]] = frozenset({"queued", "running"})
_FAILED: Final[frozenset[JobState]] = frozenset({"failed"})


@dataclass(frozen=True)
class BatchOptions:
    """What one batch is to do.

    `batch_api` submits the reviews to the providers' batch services; `collect` fetches the answers.
    """

    feeds: tuple[str, ...] = ()
    options: ReviewOptions = field(default_factory=ReviewOptions)
    max_tools: int | None = None
    deadline_s: float | None = None
    only_failed: bool = False
    batch_api: bool = False
    collect: bool = False

    def check(self, workspace: Workspace) -> str:
        """Return the models that would answer. Raises ConfigError where no batch can run with them."""
        assignments = panel_assignments(workspace, self.options)
        if self.batch_api:
            for assignment in assignments:
                if not has_batch_service(assignment, workspace.settings):
                    raise no_batch_service(assignment.provider, workspace.settings)
        if MANUAL in {assignment.provider for assignment in assignments}:
            raise ConfigError(
                "nobody is there to answer a batch by hand. Give it --model openai:MODEL or another "
                "provider; `shipskip review --model manual` takes one tool at a time."
            )
        return ", ".join(sorted({assignment.ref for assignment in assignments}))

    @property
    def states(self) -> frozenset[JobState]:
        """The states of the jobs that the batch works on."""
        return _FAILED if self.only_failed else _OPEN


@dataclass(frozen=True)
class BatchListener:
    """Callbacks of a batch, one for each kind of event.

    `ingested` gets the number of jobs to be run, `stopped` why the others were left, `notice` a
    sentence on a damaged file or on a batch of a service that did not complete.
    """

    began: Callable[[Batch], None]
    feed: Callable[[FeedLine], None]
    announced: Callable[[Announced], None]
    ingested: Callable[[int], None]
    job: Callable[[Job], None]
    stopped: Callable[[str], None]
    notice: Callable[[str], None]
