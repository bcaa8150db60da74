"""A circuit breaker: a provider that is down is left alone."""

from panel.domain.exchange import Completion, Request
from panel.errors import ProviderError, Transient
from panel.ports import Clock, Provider
from panel.providers.middleware.consecutive_failures import ConsecutiveFailures

# A probe takes as long as any call; who waits for its outcome looks again after this long.
_PROBE_WAIT_S = 1.0
_PROBE = 0


class Circuit:
    """Whether one model may be called: closed, open until a moment, or open but for one probe."""

    def __init__(
        self, name: str, *, clock: Clock, failures: int, cool_down_s: float, longest_s: float
    ) -> None:
        self._name = name
        self._clock = clock
        self._allowed = failures
        self._first_cool_down_s = cool_down_s
        self._longest_s = longest_s
        self._failures = ConsecutiveFailures()
        self._cool_down_s = 0.0
        self._open_until: float | None = None
        self._probing = False

    def admit(self) -> int:
        """Return the number of the call that may be made now. Raises Transient if none may."""
        if self._open_until is None:
            return self._failures.begin()
        left = self._open_until - self._clock.monotonic()
        if left > 0 or self._probing:
            raise Transient(
                f"{self._name} failed {self._allowed} times in a row and is left alone for now",
                retry_after=max(left, _PROBE_WAIT_S),
                tokens={},
                calls=0,
            )
        self._probing = True
        return _PROBE

    def answered(self, number: int) -> None:
        """Count an answer, of whatever kind: the provider is there, and ends a row of failures."""
        if number == _PROBE:
            self._open_until = None

    def failed(self, number: int, *, retry_after: float | None) -> None:
        """Count a failure; five in a row open, a failed probe opens for twice as long.

        The first time stays open as long as the server asked, so that a burst of 429 costs no more
        than that.
        """
        if number == _PROBE:
            self._open(self._cool_down_s * 2)
        elif self._open_until is None and self._failures.fail(number) >= self._allowed:
            self._open(retry_after or self._first_cool_down_s)

    def uncalled(self, number: int) -> None:
        """Count a call that nobody got: nothing is known from it."""
        if number != _PROBE:
            self._failures.void(number)

    def left(self, number: int) -> None:
        """End a call, however it ended: the next probe may go when it is due."""
        if number == _PROBE:
            self._probing = False

    def _open(self, seconds: float) -> None:
        self._failures.clear()
        self._cool_down_s = min(seconds, self._longest_s)
        self._open_until = self._clock.monotonic() + self._cool_down_s


class Circuits:
    """The circuits of every model, shared by all panels.

    `failures` in a row, by the order in which the calls began, open a circuit for `cool_down_s`;
    each failed probe doubles that, up to `longest_cool_down_s`. So an outage of an hour sees about
    twenty calls a model. It begins short because five calls fail in a row as soon as one panel
    meets a moment of trouble, and a panel waits through several failed probes but not through
    several long ones.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        failures: int = 5,
        cool_down_s: float = 5.0,
        longest_cool_down_s: float = 300.0,
    ) -> None:
        self._clock = clock
        self._failures = failures
        self._cool_down_s = cool_down_s
        self._longest_s = longest_cool_down_s
        self._circuits: dict[tuple[str, str], Circuit] = {}

    def circuit(self, provider: str, model: str) -> Circuit:
        """Return the circuit of one model, the same one every time."""
        key = (provider, model)
        if key not in self._circuits:
            self._circuits[key] = Circuit(
                f"{provider}:{model}",
                clock=self._clock,
                failures=self._failures,
                cool_down_s=self._cool_down_s,
                longest_s=self._longest_s,
            )
        return self._circuits[key]


class CircuitBreaker:
    """A provider that is not called while its circuit is open.

    It stands around each attempt, inside the limiter: `Limited(Breaking(Timed(...)))`. There a call
    that waited for its turn meets the circuit as it is now, and only calls that were made count.
    """

    def __init__(self, inner: Provider, breaker: Circuits) -> None:
        self._inner = inner
        self._breaker = breaker

    async def complete(self, request: Request) -> Completion:
        """Return the inner answer. Raises Transient with `retry_after`, uncalled, while open."""
        circuit = self._breaker.circuit(request.provider, request.model)
        number = circuit.admit()
        try:
            completion = await self._inner.complete(request)
        except ProviderError as error:
            if error.calls == 0:
                circuit.uncalled(number)
            elif isinstance(error, Transient):
                circuit.failed(number, retry_after=error.retry_after)
            else:
                circuit.answered(number)
            raise
        finally:
            circuit.left(number)
        circuit.answered(number)
        return completion
