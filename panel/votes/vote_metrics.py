"""The figures of a running votes service, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, generate_latest


class VoteMetrics:
    """Counters since the start of the service; none of them is about a voter."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.accepted = self._counter("votes_accepted", "Votes and changes committed.", "choice")
        self.set_aside = self._counter("votes_set_aside", "Votes set aside when they came.", "rule")
        self.refused = self._counter("votes_refused", "Posts that were not counted.", "why")

    def text(self) -> bytes:
        """Return the figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, text: str, label: str) -> Counter:
        return Counter(f"shipskip_{name}", text, [label], registry=self._registry)
