"""Which addresses on the network may be read: public ones, however they are spelt."""

import re
import unicodedata
from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Literal
from urllib.parse import SplitResult, quote, urlsplit

from panel.domain.value import Value
from panel.errors import AddressRefused

Address = IPv4Address | IPv6Address

PORTS = (80, 443)
_ANY_PORT = range(1, 1 << 16)
MOST_CHARACTERS = 2_048
_MOST_OF_A_HOST = 253
_SHOWN = 120
_DOTS = str.maketrans("。．｡", "...")
# IDNA 2003 and 2008 make different names of these; whoever means one has to say which.
_SPELT_TWO_WAYS = frozenset("ßς\u200c\u200d")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.ASCII)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"^`{|}\u2028\u2029\ud800-\udfff]")
_PATH_SAFE = "/%:@!$&'()*+,;=~-._[]"
_INWARD = (".localhost", ".local", ".internal")
_NEXT = "Give a public http or https address, or save it to a file and name that."

# What `is_global` lets through, in Python 3.11 at least, and no public server answers on.
_V4_HELD = tuple(
    IPv4Network(text)
    for text in (
        "192.0.0.0/24",  # IETF protocol assignments
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "168.63.129.16/32",  # a cloud's own wire server, on a public number
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
    )
)
_V6_PUBLIC = IPv6Network("2000::/3")
_V6_HELD = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, with Teredo, which carries an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4, which carries another
        "3fff::/20",  # documentation, RFC 9637
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


class Target(Value):
    """Where one request goes: `host` is ASCII and bare, `path` starts with / and has the query.

    `address` is set where the host is written as a number.
    """

    scheme: Literal["http", "https"]
    host: str
    port: int
    path: str
    address: IPv4Address | IPv6Address | None

    @property
    def authority(self) -> str:
        """The host and, where it is not the scheme's own, the port: as a Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        own = 443 if self.scheme == "https" else 80
        return host if self.port == own else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address, without a fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"


def is_address(name: str) -> bool:
    """Return whether `name` is to be fetched, and is no file."""
    return name.casefold().startswith(("http://", "https://"))


def is_public(address: Address) -> bool:
    """Return whether anybody on the internet may be meant by `address`.

    An IPv4 address inside an IPv6 one (mapped, NAT64) is judged for itself; tunnels that carry one
    (6to4, Teredo, IPv4-compatible) are never public, nor is anything outside 2000::/3.
    """
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in net for net in _V4_HELD)
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    inside = address in _V6_PUBLIC and not any(address in net for net in _V6_HELD)
    return inside and address.is_global


def read_target(url: str, ports: Collection[int] = PORTS) -> Target:
    """Return where a request for `url` goes. Raises AddressRefused where it may not be made.

    Refused are other schemes and ports, user names, characters that two readers of an address take
    differently, and numbers that are no address. Whether the host's addresses are public is asked
    of `is_public`, when they are known.
    """
    if len(url) > MOST_CHARACTERS:
        raise _refusal(url, f"it is longer than {MOST_CHARACTERS:,} characters")
    if _FORBIDDEN.search(url):
        raise _refusal(url, "it holds a space, a backslash or another character that must be coded")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refusal(url, "it cannot be taken apart into host and port") from error
    scheme = parts.scheme
    if scheme not in ("http", "https"):
        raise _refusal(url, "only http and https addresses are read")
    if "@" in parts.netloc:
        raise _refusal(url, "it carries a user name, which is not sent")
    host, address = _read_host(url, parts)
    if port is None:
        port = 443 if scheme == "https" else 80
    if port not in ports:
        if isinstance(ports, range):
            allowed = f"{ports[0]} to {ports[-1]}"
        else:
            allowed = ", ".join(map(str, sorted(ports)))
        why = f"port {port} is not among those that are read ({allowed})"
        inward = f".{host}".endswith(_INWARD) if address is None else not is_public(address)
        raise _refusal(url, f"{host} is no public address, and {why}" if inward else why)
    path = quote(parts.path or "/", safe=_PATH_SAFE)
    query = f"?{quote(parts.query, safe=_PATH_SAFE + '?')}" if parts.query else ""
    return Target(
        scheme="https" if scheme == "https" else "http",
        host=host,
        port=port,
        path=path + query,
        address=address,
    )


def literal_address(host: str) -> IPv4Address | None:
    """Return the IPv4 address that the operating system reads `host` as, or None for a name.

    Decimal, octal (0177), hexadecimal (0x7f) and one to four parts, as inet_aton(3) has them.
    Raises ValueError where it ends in a number and is no address.
    """
    parts = host.split(".")
    if not _NUMBER.fullmatch(parts[-1]):
        return None
    numbers = [_number(part) for part in parts]
    *firsts, last = numbers
    if len(numbers) > 4 or any(n > 255 for n in firsts) or last >= 256 ** (5 - len(numbers)):  # noqa: PLR2004 - four bytes
        raise ValueError(host)
    value = last
    for place, number in enumerate(firsts):
        value += number << (24 - 8 * place)
    return IPv4Address(value)


def require_public(url: str) -> None:
    """Raise AddressRefused where `url` is no http or https address that readers can open, at any port.

    A name is taken as it is written: where it leads to is asked when it is fetched.
    """
    target = read_target(url, _ANY_PORT)
    host, address = target.host, target.address
    inward = f".{host}".endswith(_INWARD) or "." not in host
    if inward if address is None else not is_public(address):
        raise _refusal(url, f"{host} is no public address")


def redact_url(url: str) -> str:
    """Return `url` as a message may show it: without its query, which may be a secret, and short."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    bare = re.sub(r"//[^/]*@", "//", _FORBIDDEN.sub("?", bare), count=1)
    return bare if len(bare) <= _SHOWN else f"{bare[:_SHOWN]}…"


def redact_source(source: str) -> str:
    """Return an address as `redact_url` does, and the name of a file as it is."""
    return redact_url(source) if "://" in source else source


def _read_host(url: str, parts: SplitResult) -> tuple[str, Address | None]:
    raw = parts.hostname or ""
    if "[" in parts.netloc or ":" in raw:
        return _read_v6(url, raw)
    host = _as_ascii(url, raw)
    try:
        address = literal_address(host)
    except ValueError as error:
        raise _refusal(url, "its host is a number that is no address") from error
    return (str(address) if address else host), address


def _read_v6(url: str, raw: str) -> tuple[str, Address]:
    try:
        address = IPv6Address(raw)
    except ValueError as error:
        raise _refusal(url, "what stands in its brackets is no address") from error
    if address.scope_id is not None:
        raise _refusal(url, "its address is one of this machine's own network")
    return str(address), address


def _as_ascii(url: str, raw: str) -> str:
    if len(raw) > _MOST_OF_A_HOST:  # before any work on it: the codec below takes quadratic time
        raise _refusal(url, "its host is too long")
    if not _SPELT_TWO_WAYS.isdisjoint(raw):
        raise _refusal(url, "its host can be meant in two ways; write it in its xn-- form")
    host = unicodedata.normalize("NFKC", raw.translate(_DOTS)).casefold().translate(_DOTS)
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise _refusal(url, "its host is no name") from error
    host = host.removesuffix(".")
    if len(host) > _MOST_OF_A_HOST or not all(map(_HOST.fullmatch, host.split("."))):
        raise _refusal(url, "its host is no name")
    return host


def _number(text: str) -> int:
    """Return a part of an address as inet_aton reads it. Raises ValueError."""
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(text, 8) if text.startswith("0") and text != "0" else int(text)


def _refusal(url: str, why: str) -> AddressRefused:
    return AddressRefused(f"{redact_url(url)}: {why}. {_NEXT}")
