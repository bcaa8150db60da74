"""The public rules by which readers' votes are limited and set aside; `community` has the count."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from panel.domain.community import Rule
from panel.domain.value import Value
from panel.domain.wording import counted

_IPV6_NETWORK: Final = 8  # bytes: a /64 is what one subscriber has


class VoteRules(Value):
    """How many votes of one network count.

    A network is an IPv4 address or the /64 of an IPv6 address. Of its voters the first
    `voters_in_burst` on one tool within a window of `burst_s` seconds count, and the first
    `voters_a_day` on one tool within a day (UTC); the votes of the others are set aside, and are
    counted in public as such. After `posts_a_day` posts on any tools the network is refused until the
    next day.
    """

    voters_in_burst: Annotated[int, Field(ge=1, le=1000)] = 3
    burst_s: Annotated[int, Field(ge=1, le=86_400)] = 600
    voters_a_day: Annotated[int, Field(ge=1, le=1000)] = 10
    posts_a_day: Annotated[int, Field(ge=1)] = 300

    def explain(self, rule: Rule) -> str:
        """Return what `rule` says, as a sentence for readers."""
        return {
            "burst": (
                f"more than {self.voters_in_burst} voters of one network on one tool within "
                f"{_length(self.burst_s)}"
            ),
            "network_day": (
                f"more than {self.voters_a_day} voters of one network on one tool within a day"
            ),
        }[rule]


RULE_NAMES: Final[Mapping[Rule, str]] = MappingProxyType(
    {"burst": "a burst from one network", "network_day": "too many from one network in a day"}
)


def network_of(address: str) -> bytes | None:
    """Return the bytes of the network that `address` is in; None where it is no IP address.

    An IPv4 address stands for itself, written as IPv6 too; of an IPv6 address the first 64 bits do.

    >>> network_of("203.0.113.9") == network_of("::ffff:203.0.113.9")
    True
    >>> network_of("2001:db8::1") == network_of("2001:db8::ffff")
    True
    """
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.packed if isinstance(found, IPv4Address) else found.packed[:_IPV6_NETWORK]


def _length(seconds: int) -> str:
    return counted(seconds, "second") if seconds % 60 else counted(seconds // 60, "minute")
