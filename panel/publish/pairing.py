"""Pairs: which tools of a category are compared without an editor's asking.

Tools are taken in the order of their first approval. Each is paired with those of its category that
were approved last before it, half as many as a tool may have in all and none that is full. So a new
tool adds pairs and takes none away: an address that was published once stays.
"""

from collections import defaultdict
from collections.abc import Sequence

_MOST_SEEN = 40  # tools back in a category that are looked at for one with room


def pair_tools(oldest_first: Sequence[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """Return pairs of slugs, each in alphabetical order, oldest first; `most` is the limit a tool.

    `oldest_first` has slug and category of each tool.

    `pair_tools([("b", "x"), ("a", "x"), ("c", "y")], 4)` is `[("a", "b")]`
    """
    count: defaultdict[str, int] = defaultdict(int)
    seen: defaultdict[str, list[str]] = defaultdict(list)
    pairs = []
    for slug, category in oldest_first:
        room = (most + 1) // 2
        for other in seen[category][: -_MOST_SEEN - 1 : -1]:
            if room and count[other] < most and count[slug] < most:
                pairs.append((min(slug, other), max(slug, other)))
                count[slug] += 1
                count[other] += 1
                room -= 1
        seen[category].append(slug)
    return pairs
