"""Every error that Shipskip raises on purpose, with the exit code that each ends a command with.

    PanelError                  one line for a person: what, why, what to do next
    ├── ConfigError             a file or a setting has to be corrected; no retry helps
    │   ├── ToolError           the tool that was handed in cannot be read
    │   └── AlreadyResolved     an editor has resolved the prediction before
    ├── ProviderError           a call that gave no usable answer
    │   ├── Transient           may pass: retried, a few times
    │   ├── Refused             will not pass: the request or its answer is declined
    │   │   └── Amended         declined for a part that the next call goes without: ask again
    │   ├── Unusable            an answer came that cannot be read
    │   └── Stopped             no further call may be made: the run ends and can be resumed
    ├── Waiting                 an answer is to be given by hand
    ├── StoreError              a run cannot be written or read
    │   ├── Tampered            a recording is not what was recorded
    │   ├── UnreadableRow       a row of a database is not what was written
    │   └── FormerRun           a recording by a panel of a kind that is no longer here
    ├── FetchError              an address that gave nothing that can be read
    │   └── AddressRefused      an address that may not be read: no retry helps
    ├── FeedError               a feed or page out of which nothing can be read
    ├── MailError               a mail server, or a service for mails, that took nothing
    ├── GateRefused             a gate stands before the approval of a run
    ├── Overtaken               another editor decided on the tool meanwhile
    ├── ReplayError             a replay asks what was not recorded, or the reverse
    └── Busy                    another process holds the run

A ProviderError becomes an abstention in the reviewer and nowhere else. ReplayError is not a
ProviderError: a stale recording must not replay as an abstention. A FetchError or a FeedError is a
line in a batch's report and the other feeds are read; it ends a review of that one address.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Literal

Cause = Literal["key", "quota", "address", "cap", "price"]
"""Why no further call may be made: a refused key, an exhausted quota, an address where no model
answers, the cost cap, or a cost cap that cannot be kept because no price is known."""


class ExitCode(IntEnum):
    """What a command's exit code says; `shipskip --help` lists them.

    >>> from panel import ExitCode
    >>> int(ExitCode.CAPPED), ExitCode.CAPPED.name
    (5, 'CAPPED')
    """

    DONE = 0
    BUG = 1
    USAGE = 2
    SOME_FAILED = 3
    NOTHING_EVALUATED = 4
    CAPPED = 5
    DIFFERS = 6
    GATE = 7
    WAITING = 8
    BUSY = 75
    INTERRUPTED = 130


class PanelError(Exception):
    """The root: its text is one line that a user can act on.

    >>> from panel import PanelError, review
    >>> try:
    ...     review("no-such-file.md")
    ... except PanelError as error:
    ...     print(type(error).__name__, int(error.exit_code))
    ToolError 2
    """

    exit_code = ExitCode.BUG


class ConfigError(PanelError):
    """A file or a setting has to be corrected by a person."""

    exit_code = ExitCode.USAGE


class AlreadyResolved(ConfigError):
    """An editor has resolved the prediction before; how it is resolved anew, each surface says."""


class ToolError(ConfigError):
    """The description that was handed in cannot be put before a panel.

    >>> from panel import ToolError, read_tool
    >>> try:
    ...     read_tool("no-such-file.md")
    ... except ToolError as error:
    ...     print(error)
    no-such-file.md: there is no such file. Name a tool's file, or - to read it from stdin.
    """


class ProviderError(PanelError):
    """A call to a model that ended without a usable answer.

    `tokens` is what it used all the same, by the field names of a Usage, or None where nobody
    counted; `calls` and `waited_ms` are the HTTP calls made and the milliseconds slept for it.
    """

    exit_code = ExitCode.NOTHING_EVALUATED

    def __init__(
        self,
        message: str,
        *,
        tokens: Mapping[str, int] | None = None,
        calls: int = 1,
        waited_ms: int = 0,
    ) -> None:
        super().__init__(message)
        self.tokens = tokens
        self.calls = calls
        self.waited_ms = waited_ms


class Transient(ProviderError):
    """A failure that may pass; `retry_after` is the wait in seconds that the server asked for."""

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        tokens: Mapping[str, int] | None = None,
        calls: int = 1,
        waited_ms: int = 0,
    ) -> None:
        super().__init__(message, tokens=tokens, calls=calls, waited_ms=waited_ms)
        self.retry_after = retry_after


class Refused(ProviderError):
    """A request that the provider declines, or a model that declines to answer."""


class Amended(Refused):
    """A request that was declined for an optional part of it, which the next call goes without.

    The same request may be asked again at once; nothing is learnt twice, so it ends.
    """


class Unusable(ProviderError):
    """An answer that is no answer: empty, cut off, or not what a provider sends."""


class Stopped(ProviderError):
    """No further call may be made: the run ends here and can be resumed.

    >>> from panel import Stopped
    >>> error = Stopped("the cost cap of $6.00 is reached", cause="cap")
    >>> error.cause, int(error.exit_code)
    ('cap', 5)
    """

    def __init__(self, message: str, *, cause: Cause) -> None:
        super().__init__(message)
        self.cause = cause
        self.exit_code = exit_code_of(cause)


def exit_code_of(cause: Cause) -> ExitCode:
    """Return what a run ends with that was stopped for `cause`: a missing price is a setting."""
    codes = {"cap": ExitCode.CAPPED, "price": ExitCode.USAGE}
    return codes.get(cause, ExitCode.NOTHING_EVALUATED)


class Waiting(PanelError):
    """An answer that a person has yet to give."""

    exit_code = ExitCode.WAITING


class StoreError(PanelError):
    """A run that cannot be written or read."""

    exit_code = ExitCode.USAGE


class Tampered(StoreError):
    """A recording that does not match its own digest."""

    exit_code = ExitCode.DIFFERS


class UnreadableRow(StoreError):
    """A row of a database that does not hold what was written; what else is there can be read."""


class FormerRun(StoreError):
    """A recording by a panel of a kind that is no longer here: sound, and of no use to this one."""

    exit_code = ExitCode.DIFFERS


class FetchError(PanelError):
    """An address that could not be reached, or gave nothing that can be read.

    `status` is the HTTP status that its server answered with instead, None where that is not why.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class AddressRefused(FetchError):
    """An address that may not be read from here, whatever stands there."""


class FeedError(PanelError):
    """A feed, or a page, out of which nothing can be read."""

    exit_code = ExitCode.USAGE


class MailError(PanelError):
    """A mail server that could not be reached or takes no mail, or a service that took no draft."""

    exit_code = ExitCode.USAGE


class ReplayError(PanelError):
    """A replay that departs from its recording."""

    exit_code = ExitCode.DIFFERS


class GateRefused(PanelError):
    """A gate that stands before an approval: a line for each says which, and how to clear it.

    `gates` has the names of those that refused.
    """

    exit_code = ExitCode.GATE

    def __init__(self, message: str, *, gates: tuple[str, ...]) -> None:
        super().__init__(message)
        self.gates = gates


class Overtaken(PanelError):
    """Another editor decided on the same tool while this decision was made; nothing was written.

    `number` is that of the other decision in the journal, None where that is kept in its run alone.
    """

    exit_code = ExitCode.BUSY

    def __init__(self, message: str, *, number: int | None = None) -> None:
        super().__init__(message)
        self.number = number


class Busy(PanelError):
    """Another process is at work on the same run."""

    exit_code = ExitCode.BUSY
