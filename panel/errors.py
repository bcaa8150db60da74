"""Every error that Shipskip raises on purpose.

    PanelError                  one line for a person: what, why, what to do next
    ├── ConfigError             a file or a setting has to be mended; no retry helps          exit 2
    │   └── ToolError           the tool that was handed in cannot be read                    exit 2
    ├── ProviderError           a call that gave no usable answer
    │   ├── Transient           may pass: retried, a few times
    │   ├── Refused             will not pass: the request or its answer is declined
    │   ├── Unusable            an answer came that cannot be read
    │   └── Stopped             key refused, quota or cap exhausted: the run ends, resumably  exit 4, 5
    ├── Waiting                 an answer is to be given by hand                              exit 8
    ├── StoreError              a run cannot be written or read                               exit 2
    │   └── Tampered            a recording is not what was recorded                          exit 6
    ├── FetchError              an address that gave nothing that can be read                 exit 2, 3
    │   └── AddressRefused      an address that may not be read: no retry helps               exit 2, 3
    ├── FeedError               a feed or page out of which nothing can be read               exit 2, 3
    ├── ReplayError             a replay asks what was not recorded, or the reverse           exit 6
    └── Busy                    another process holds the run                                 exit 75

A ProviderError becomes an abstention in the reviewer and nowhere else. ReplayError is not a
ProviderError: a stale recording must not replay as an abstention. A FetchError or a FeedError is a
line in a batch's report and the other feeds go on (3); it ends a review of that one address (2).
"""

from collections.abc import Mapping
from typing import Literal


class PanelError(Exception):
    """The root: its text is one line that a user can act on."""


class ConfigError(PanelError):
    """A file or a setting has to be mended by a person."""


class ToolError(ConfigError):
    """The description that was handed in cannot be put before a panel."""


class ProviderError(PanelError):
    """A call to a model that ended without a usable answer.

    `tokens` is what it used all the same, by the field names of a Usage, or None where nobody
    counted; `calls` and `waited_ms` are the HTTP calls made and the milliseconds slept for it.
    """

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


class Unusable(ProviderError):
    """An answer that is no answer: empty, cut off, or not what a provider sends."""


class Stopped(ProviderError):
    """No further call may be made: the run ends here and can be resumed."""

    def __init__(self, message: str, *, cause: Literal["key", "quota", "cap"]) -> None:
        super().__init__(message)
        self.cause = cause


class Waiting(PanelError):
    """An answer that a person has yet to give."""


class StoreError(PanelError):
    """A run that cannot be written or read."""


class Tampered(StoreError):
    """A recording that does not match its own digest."""


class FetchError(PanelError):
    """An address that could not be reached, or gave nothing that can be read."""


class AddressRefused(FetchError):
    """An address that may not be read from here, whatever stands there."""


class FeedError(PanelError):
    """A feed, or a page, out of which nothing can be read."""


class ReplayError(PanelError):
    """A replay that departs from its recording."""


class Busy(PanelError):
    """Another process is at work on the same run."""
