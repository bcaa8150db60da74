"""What `shipskip worker` shows of its work: lines of its log, and events as those of a batch."""

from typing import TYPE_CHECKING

from panel.cli.batch_output import describe_end
from panel.cli.event_file import EventFile
from panel.cli.log import Log, now
from panel.domain.wording import counted
from panel.publish import batch_events

if TYPE_CHECKING:
    from panel.batch.workers.worker import WorkerListener
    from panel.domain.job import Job


class WorkerOutput:
    """Writes to the log, and to the file of events, while a worker is at work."""

    def __init__(self, log: Log, events: EventFile) -> None:
        self._log = log
        self._events = events

    def listener(self) -> "WorkerListener":
        """Return the callbacks that the worker calls."""
        from panel.batch.workers.worker import WorkerListener

        return WorkerListener(
            began=self._began,
            ended=self._ended,
            info=self._log.info,
            warning=self._log.warning,
            job=self._job,
        )

    def _began(self, name: str, workers: int) -> None:
        self._events.write(batch_events.worker_began(name, workers, now()))
        self._log.info(f"{name}: at work, one of {workers}")

    def _ended(self, name: str, jobs: int) -> None:
        self._events.write(batch_events.worker_ended(name, jobs, now()))
        self._log.info(f"{name}: ended after {counted(jobs, 'tool')}")

    def _job(self, job: "Job") -> None:
        if (event := batch_events.job_event(job, now())) is not None:
            self._events.write(event)
        self._log.info(f"{job.tool.name}: {describe_end(job)}")
