"""A circuit breaker: a model that fails again and again is not called for a while."""

from panel.domain.exchange import Completion, Request
from panel.errors import ProviderError, Transient
from panel.ports import Clock, Provider
from panel.providers.middleware.consecutive_failures import ConsecutiveFailures

# A probe takes as long as any call; a call that meets one is tried again after this long.
_PROBE_WAIT_S = 1.0
_PROBE = 0


class CircuitBreaker:
    """A provider of one model that is not called while its circuit is open.

    `failures` in a row, by the order in which the calls began, open the circuit for `cool_down_s`,
    or for as long as the server asked; then one call is a probe, and each probe that fails doubles
    the time, up to `longest_cool_down_s`. So an outage of an hour sees about twenty calls. The first
    time is short, because one panel in a moment of trouble already makes five failures, and it
    waits through several failed probes but not through long ones.

    It belongs inside the limiter, `RateLimiter(CircuitBreaker(Deadline(...)))`: a call that waited
    for its turn meets the circuit as it is then, and only calls that were made count.
    """

    def __init__(
        self,
        inner: Provider,
        *,
        clock: Clock,
        failures: int = 5,
        cool_down_s: float = 5.0,
        longest_cool_down_s: float = 300.0,
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._allowed = failures
        self._first_cool_down_s = cool_down_s
        self._longest_s = longest_cool_down_s
        self._failures = ConsecutiveFailures()
        self._cool_down_s = 0.0
        self._open_until: float | None = None
        self._is_probing = False

    async def complete(self, request: Request) -> Completion:
        """Return the inner answer. Raises Transient with `retry_after`, uncalled, while open."""
        number = self._admit(request)
        try:
            completion = await self._inner.complete(request)
        except ProviderError as error:
            if error.calls == 0:
                self._uncalled(number)
            elif isinstance(error, Transient):
                self._failed(number, retry_after=error.retry_after)
            else:
                self._answered(number)
            raise
        finally:
            if number == _PROBE:
                self._is_probing = False
        self._answered(number)
        return completion

    def _admit(self, request: Request) -> int:
        """Return the number of the call that may be made now. Raises Transient if none may."""
        if self._open_until is None:
            return self._failures.begin()
        left = self._open_until - self._clock.monotonic()
        if left > 0 or self._is_probing:
            raise Transient(
                f"{request.provider}:{request.model} failed {self._allowed} times in a row and is "
                "not called for now",
                retry_after=max(left, _PROBE_WAIT_S),
                tokens={},
                calls=0,
            )
        self._is_probing = True
        return _PROBE

    def _answered(self, number: int) -> None:
        """Close the circuit after a probe that was answered, with an answer or a refusal."""
        if number == _PROBE:
            self._open_until = None

    def _failed(self, number: int, *, retry_after: float | None) -> None:
        if number == _PROBE:
            self._open(self._cool_down_s * 2)
        elif self._open_until is None and self._failures.fail(number) >= self._allowed:
            # No longer than the server asked: a burst of 429 costs no more than that.
            self._open(retry_after or self._first_cool_down_s)

    def _uncalled(self, number: int) -> None:
        if number != _PROBE:
            self._failures.void(number)

    def _open(self, seconds: float) -> None:
        self._failures.clear()
        self._cool_down_s = min(seconds, self._longest_s)
        self._open_until = self._clock.monotonic() + self._cool_down_s
