"""Failures in a row, by the order in which the calls began."""

_REMEMBERED = 4096  # calls; no more are ever under way at once


class ConsecutiveFailures:
    """How many calls that began one after the other have failed, in whatever order they ended.

    A refusal comes back sooner than an answer: by the order of their ends, a few failures among many
    calls under way would look like a row. Example: of calls 1 to 4, of which 1, 2 and 4 failed and 3
    is still under way, the longest row is two.
    """

    def __init__(self) -> None:
        self._begun = 0
        self._failed: dict[int, bool] = {}

    def begin(self) -> int:
        """Return the number of the call that begins now."""
        self._begun += 1
        return self._begun

    def fail(self, number: int) -> int:
        """Count a call as failed and return how many failed in a row with it."""
        self._note(number, counts=True)
        return 1 + self._count_beside(number, -1) + self._count_beside(number, 1)

    def void(self, number: int) -> None:
        """Leave a call out of the row: it was not made, so it says nothing."""
        self._note(number, counts=False)

    def clear(self) -> None:
        """Forget every failure."""
        self._failed.clear()

    def _count_beside(self, number: int, step: int) -> int:
        found = 0
        while (number := number + step) in self._failed:
            found += self._failed[number]
        return found

    def _note(self, number: int, *, counts: bool) -> None:
        self._failed[number] = counts
        if len(self._failed) > 2 * _REMEMBERED:
            newest = self._begun - _REMEMBERED
            self._failed = {n: failed for n, failed in self._failed.items() if n > newest}
