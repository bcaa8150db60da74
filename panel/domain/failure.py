"""An error of a call as it is recorded, and the recorded failure as an error again."""

from collections.abc import Mapping
from typing import Final

from panel.domain.exchange import Failure, FailureKind, Usage
from panel.errors import ProviderError, Refused, Transient, Unusable

_KINDS: Final[Mapping[FailureKind, type[ProviderError]]] = {
    "transient": Transient,
    "refused": Refused,
    "unusable": Unusable,
}


def failure_of(error: ProviderError) -> Failure:
    """Return what is recorded of `error`."""
    kinds = (kind for kind, one in _KINDS.items() if isinstance(error, one))
    return Failure(
        kind=next(kinds, "unusable"),
        reason=str(error),
        usage=None if error.tokens is None else Usage(**error.tokens),
        calls=error.calls,
        waited_ms=error.waited_ms,
    )


def error_of(failure: Failure) -> ProviderError:
    """Return the error that `failure` was recorded from."""
    return _KINDS[failure.kind](
        failure.reason,
        tokens=failure.usage.model_dump() if failure.usage else None,
        calls=failure.calls,
        waited_ms=failure.waited_ms,
    )
