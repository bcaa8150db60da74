"""What is under review."""

import unicodedata
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

from panel.domain.cleaning import clean_text
from panel.domain.value import Value, is_empty, is_none

MOST_OF_A_LINE = 400
MOST_DECIMALS = 12
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_OF_A_LINE)
]
Amount = Annotated[
    Decimal, Field(ge=0, le=1_000_000_000, allow_inf_nan=False, decimal_places=MOST_DECIMALS)
]
FactName = Literal["tagline", "category", "vendor", "entry", "prices", "licence"]
FACTS: tuple[FactName, ...] = get_args(FactName)
EntryTerms = Literal["free", "freemium", "paid", "contact"]

_SLUG_LENGTH = 60
_TAIL = 6  # hex digits
_TELLING = "#*+="
_BEYOND = frozenset(("Mc", "Sc", "Sk", "Sm", "So"))  # a vowel's sign, an emoji
_SPACING = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Pd"))
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)


def _visible(name: str, info: ValidationInfo) -> str:
    """Return a name as it is. Raises ValueError where cleaning leaves nothing of it.

    One that is read back as JSON was taken when it was recorded, and stays readable.
    """
    if info.mode == "python" and not clean_text(name).strip():
        raise ValueError("it has nothing that can be read")
    return name


class Price(Value):
    """One stated price: `amount` of `currency` per `unit`, as the text has it.

    `up_to` is the upper end of a range. Without a currency `counted_in` has what the text counts
    instead, such as credits. `terms` are the conditions of the price in the text's words: "from",
    "minimum 5 seats", "plus VAT". A unit that is None is not stated.
    """

    label: Line
    amount: Amount
    up_to: Amount | None = Field(default=None, exclude_if=is_none)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    counted_in: Line | None = Field(default=None, exclude_if=is_none)
    unit: Line | None = None
    terms: tuple[Line, ...] = Field(default=(), exclude_if=is_empty)
    evidence: Line | None = None

    @property
    def is_free(self) -> bool:
        """Whether nothing is paid: a range that begins at 0 is no such price."""
        return not self.amount and self.up_to is None


class Tool(Value):
    """A tool as its editor gave it, or with the facts that intake read from its description.

    A fact that is None has not been looked for; one named in `not_stated` was looked for and is not
    in the text; one named in `not_read` may stand there, but could not be read. `evidence` maps a
    fact that intake read to the verbatim span it stands on. `original` is what its source held and
    nobody is shown, where that is a reason to hold the tool: it is screened, and neither reviewed nor
    published.

    >>> from panel import Tool
    >>> Tool(name="My Tool", description="My Tool keeps notes in plain files.").slug
    'my-tool'
    """

    name: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
        AfterValidator(_visible),
    ]
    description: Annotated[str, StringConstraints(min_length=1)]
    tagline: Line | None = None
    category: Line | None = None
    vendor: Line | None = None
    url: Line | None = None
    entry: EntryTerms | None = None
    prices: tuple[Price, ...] = ()
    licence: Line | None = None
    not_stated: tuple[FactName, ...] = ()
    not_read: tuple[FactName, ...] = Field(default=(), exclude_if=is_empty)
    evidence: dict[FactName, Line] = Field(default_factory=dict)
    open_points: tuple[Line, ...] = ()
    original: str | None = Field(default=None, exclude_if=is_none)

    @property
    def slug(self) -> str:
        """The name as [a-z0-9-], at most 60 characters, never empty and never a reserved word."""
        return slugify(self.name)

    def lacks(self) -> tuple[FactName, ...]:
        """Return the facts that nobody has looked for yet."""
        return tuple(
            fact for fact in FACTS if not getattr(self, fact) and fact not in self.not_stated
        )

    def screened(self) -> dict[str, str]:
        """Return the raw texts that others wrote, by field, for screening."""
        fields = {"tagline": self.tagline, "category": self.category, "vendor": self.vendor}
        fields |= {"url": self.url, "licence": self.licence, "description": self.description}
        fields |= {"original": self.original}
        fields |= {f"price {n}": price_line(p) for n, p in enumerate(self.prices, start=1)}
        return {name: text for name, text in fields.items() if text}

    def as_shown(self) -> str:
        """Return the text that reviewers see: the fields that were given, then the description.

        Facts that intake read are left out: they stand in the description already, and the prompt
        must not hang on another model's answer.
        """
        lines = [f"name: {self.name}"]
        for fact in ("tagline", "category", "vendor", "url", "entry", "licence"):
            value = getattr(self, fact)
            if value and fact not in self.evidence:
                lines.append(f"{fact}: {value}")
        if self.prices and "prices" not in self.evidence:
            lines += [f"price: {price_line(price)}" for price in self.prices]
        return "\n".join((*lines, "", self.description.strip()))


def price_line(price: Price) -> str:
    """Return a price as one line: `input: 20 USD per 1M tokens (up to 80; plus VAT)`."""
    unit = "" if price.unit is None else f" per {price.unit}"
    most = () if price.up_to is None else (f"up to {_plain(price.up_to)}",)
    said = "; ".join((*most, *price.terms))
    counted = price.currency or price.counted_in or "(currency not stated)"
    return f"{price.label}: {_plain(price.amount)} {counted}{unit}{said and f' ({said})'}"


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


@lru_cache(maxsize=4_096)  # a site asks for those of its tools again and again
def slugify(name: str) -> str:
    """Return `name` as a folder's name: [a-z0-9-], 1 to 60 characters, no reserved word.

    What these signs cannot say (C++ beside C#, 写作 beside 翻译, !!! beside ???, all beyond the
    sixtieth character) is said by a few digits of its digest. Foo.js and Foo JS still share `foo-js`:
    `panel.domain.namesakes` tells such tools apart.
    """
    folded = unicodedata.normalize("NFKD", name).casefold()
    slug = "-".join("".join(map(_letter, folded)).split())
    if not slug or len(slug) > _SLUG_LENGTH or any(map(_is_lost, folded)):
        digest = sha256(bare_name(name).encode("utf-8", "surrogatepass")).hexdigest()[:_TAIL]
        slug = f"{slug[: _SLUG_LENGTH - _TAIL - 1].strip('-') or 'tool'}-{digest}"
    return f"tool-{slug}" if slug in _RESERVED else slug


def bare_name(name: str) -> str:
    """Return what the spellings of a name share: a space, a hyphen or a capital makes no other name."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = "".join(sign for sign in folded if unicodedata.category(sign) not in _SPACING)
    return bare or name


def _is_lost(sign: str) -> bool:
    """Tell whether a slug has no place for a sign that tells one name from another."""
    if sign.isascii():
        return sign in _TELLING
    return sign.isalnum() or unicodedata.category(sign) in _BEYOND


def _letter(char: str) -> str:
    """Return a letter or digit of ASCII as it is, a space for what parts words, nothing else."""
    if char.isascii():
        return char if char.isalnum() else " "
    return " " if unicodedata.category(char)[0] in "ZPS" else ""
