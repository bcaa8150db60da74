"""Settings: one frozen value from shipskip.toml and the environment, read nowhere else."""

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from email.utils import formataddr, parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails

from panel.domain.model_cost import Rate, read_rate
from panel.domain.monthly_cost import MONTHS, Month
from panel.domain.rate_limit import Limit
from panel.domain.reader_vote_rules import VoteRules
from panel.domain.run import CallSettings
from panel.domain.validation import describe_fault
from panel.domain.value import Value
from panel.domain.verdict import Rules
from panel.errors import ConfigError
from panel.providers.services import (
    ModelService,
    Services,
    at_address,
    built_in,
    read_service,
)
from panel.store.regular_files import describe_unread, read_text

FILE = "shipskip.toml"
_PLAIN = {
    "extra_forbidden": "no such setting; take it out, or correct its name",
    "tuple_type": "write a list",
    "model_type": "write a table",
    "dict_type": "write a table",
    "string_type": "write a text in quotes",
    "bool_type": "write true or false",
    "int_type": "write a whole number",
    "int_from_float": "write a whole number",
    "float_type": "write a number",
    "is_instance_of": "write an amount, like 6 or 0.50",
    "finite_number": "write a number",
    "greater_than": "write a number above {gt:g}",
    "greater_than_equal": "write a number of {ge:g} or more",
    "less_than": "write a number below {lt:g}",
    "less_than_equal": "write a number of {le:g} or less",
    "literal_error": "write {expected}",
    "too_short": "name at least {min_length}",
    "too_long": "name {max_length} at most",
    "missing": "it is missing; set it",
}
_TOML_PLACE = re.compile(r"(.*) \(at (line \d+|end of document)(?:, column \d+)?\)", re.DOTALL)
DATABASE = "SHIPSKIP_DATABASE_URL"
VOTES_SECRET = "SHIPSKIP_VOTES_SECRET"  # noqa: S105 - a variable's name
_SHORTEST_SECRET = 32
MAIL_KEYS = {
    "smtp": "SHIPSKIP_SMTP_PASSWORD",
    "listmonk": "SHIPSKIP_LISTMONK_KEY",
    "buttondown": "SHIPSKIP_BUTTONDOWN_KEY",
}
"""The variables with the keys of the services that a digest goes to."""
_UNWRITTEN = ("providers", "defaults")  # fields that hold tables of the file like [openai]


Window = Annotated[int, Field(ge=1_000)]


class Models(Value):
    """Who answers where neither the command nor a persona says.

    `panel` is a list of model references that personas take in turn; where it is empty, the keys
    that are set decide. A persona whose model gave no review is asked once on the next of
    `substitutes`. `window` is the context window in tokens, of every model or by `provider:model` or
    provider: it goes before what the price catalogue knows. `defaults` has the model of each provider,
    as `[models] openai = "..."`.
    """

    panel: tuple[str, ...] = ()
    substitutes: tuple[str, ...] = ()
    window: Window | dict[str, Window] | None = None
    defaults: dict[str, str] = Field(default_factory=lambda: _default_models(built_in()))

    def window_of(self, ref: str) -> int | None:
        """Return the window that is set for a model reference, None where none is."""
        if not isinstance(self.window, dict):
            return self.window
        return self.window.get(ref) or self.window.get(ref.partition(":")[0])


class ProviderSettings(Value):
    """How this workspace asks a service: its address and its API where they are not the row's."""

    base_url: str | None = None
    api: Literal["responses", "chat"] | None = None
    service_tier: Literal["auto", "default", "flex", "priority"] | None = None
    explicit_cache: bool = False


class CallLimits(Value):
    """What bounds the calls of this process.

    `per_model` has what a provider allows, by `provider:model` or by provider alone. `leader_first`
    lets the first call of a tool's shared prompt end before the others start: they find it in the
    provider's cache, for less money and one more wait.
    """

    concurrency: Annotated[int, Field(ge=1, le=1000)] = 16
    deadline_s: Annotated[float, Field(gt=0, le=3600)] = 120.0
    longest_wait_s: Annotated[float, Field(ge=0, le=120)] = 60.0
    max_cost_usd: Annotated[Decimal, Field(ge=0, le=1_000_000_000)] | None = None
    allow_unpriced: bool = False
    leader_first: bool = False
    per_model: dict[str, Limit] = Field(default_factory=dict)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("no such time zone; write one like Europe/Paris or UTC") from error
    return name


class BatchSettings(Value):
    """The daily batch: `zone` is the time zone in which a feed's day begins and ends.

    `read_links`: short entries are filled up from the page that they link to; where it is not set,
    this is done where the extra `web` is installed. `overdue_after_h` makes `doctor` find a fault
    where no batch has ended for so many hours.
    """

    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    read_links: bool | None = None
    overdue_after_h: Annotated[float, Field(gt=0)] | None = None

    def day_of(self, at: datetime) -> date:
        """Return the feed's day that the moment `at` is in."""
        return at.astimezone(ZoneInfo(self.zone)).date()


def _cron(text: str) -> str:
    if not re.fullmatch(r"[0-9*/,-]+( [0-9A-Za-z*/,-]+){4}", text):
        raise ValueError('write the five fields of cron, like "30 5 * * *"')
    return text


class Schedule(Value):
    """When workers begin a batch by themselves, and of which feeds.

    `cron` is in the zone of the batch. It may show a time that a day has twice or not at all: see
    docs/operations.md.
    """

    cron: Annotated[str, AfterValidator(_cron)]
    feeds: Annotated[tuple[str, ...], Field(min_length=1)]


def _base_url(address: str) -> str:
    if not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]{1,255}(/[A-Za-z0-9._~/-]{0,200})?", address):
        raise ValueError("write the whole address of the site, like https://reviews.example/")
    return address if address.endswith("/") else f"{address}/"


class SiteSettings(Value):
    """The public site: what it is called, its address, and which tools it compares.

    `pairs` are the editor's comparisons, each a list of two to five slugs; the rule adds pairs within a
    category, at most `pairs_a_tool` for one tool. Prices that were read more than `price_days` ago are
    said to be old.
    """

    title: Annotated[str, Field(min_length=1, max_length=80)] = "Ship/Skip"
    base_url: Annotated[str, AfterValidator(_base_url)] = "http://127.0.0.1:8080/"
    pairs: tuple[Annotated[tuple[str, ...], Field(min_length=2, max_length=5)], ...] = ()
    pairs_a_tool: Annotated[int, Field(ge=0, le=20)] = 4
    price_days: Annotated[int, Field(ge=1, le=3650)] = 30


def _postgres(address: str) -> str:
    if not address.startswith(("postgresql://", "postgres://")):
        raise ValueError("write postgresql://USER:PASSWORD@HOST/DATABASE")
    return address


def _origin(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_origin = text == f"{parts.scheme}://{parts.netloc}" and bool(parts.hostname)
        is_origin = is_origin and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        is_origin = False
    if not is_origin or parts.scheme not in ("http", "https") or "@" in text:
        raise ValueError("write https://HOST or https://HOST:PORT, without a path or a slash")
    return text


def _ip(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise ValueError("write an IP address, like 127.0.0.1") from error


class VoteSettings(Value):
    """The readers' votes: without an `address` pages have no form, and the figure is a dash.

    `address` is the votes service as readers reach it, `site` the site whose pages may post to it,
    `tools` the file in which the site's build lists its tools, from the workspace (default:
    `public/data/tools.json`). `proxies` are the addresses of what stands before the service: only from
    them `X-Forwarded-For` is believed. `rules` says which votes are set aside.
    """

    address: Annotated[str, AfterValidator(_origin)] | None = None
    site: Annotated[str, AfterValidator(_origin)] | None = None
    tools: str | None = None
    proxies: tuple[Annotated[str, AfterValidator(_ip)], ...] = ()
    rules: VoteRules = VoteRules()


def _mailbox(text: str) -> str:
    name, address = parseaddr(text)
    if "@" not in address or "\n" in text or "\r" in text or not text.isprintable():
        raise ValueError("write NAME <ADDRESS>, like Ship/Skip <weekly@example.org>")
    if not address.isascii():
        raise ValueError("write the address in ASCII, its domain as xn--...")
    return formataddr((name, address))


Mailbox = Annotated[str, AfterValidator(_mailbox)]


class SmtpSettings(Value):
    """The server that takes the mails; its password is in SHIPSKIP_SMTP_PASSWORD and nowhere else.

    `security` is `starttls` (the server has to offer it), `tls` from the first byte, or `none`.
    `timeout_s` is how long one answer is waited for.
    """

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    timeout_s: Annotated[float, Field(gt=0, le=900)] = 60.0


class ListmonkSettings(Value):
    """A listmonk that gets drafts: its address, and the numbers of its lists."""

    url: Annotated[str, AfterValidator(_base_url)]
    lists: Annotated[tuple[int, ...], Field(min_length=1)]


class DigestSettings(Value):
    """The weekly mail: without a `sender` nothing is sent, without an `address` nobody can sign up.

    `address` is the sign-up service as readers reach it; `sender` whom the mails are from, and
    `reply_to` who reads answers. `postal` is the publisher's postal address, which many laws want in
    such a mail. `categories` are those that readers may choose. `rate` is mails a second at most.
    `sign_ups_a_day` limits how many forms one network may send. `proxies` are as in `[votes]`.
    """

    address: Annotated[str, AfterValidator(_origin)] | None = None
    sender: Mailbox | None = None
    reply_to: Mailbox | None = None
    postal: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    categories: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    rate: Annotated[float, Field(gt=0, le=10_000)] = 5.0
    sign_ups_a_day: Annotated[int, Field(ge=1)] = 20
    proxies: tuple[Annotated[str, AfterValidator(_ip)], ...] = ()
    smtp: SmtpSettings = SmtpSettings()
    listmonk: ListmonkSettings | None = None


def _password_hash(text: str) -> str:
    if not re.fullmatch(r"scrypt:[0-9a-f]{32}:[0-9a-f]{128}", text):
        raise ValueError("write what `shipskip desk --hash-password` prints")
    return text


class DeskSettings(Value):
    """The editors' desk: without an `address` it is for this machine alone.

    `editor` is who decides on this machine, where nobody says otherwise. `address` is the desk as
    editors reach it from elsewhere; it needs a `password_hash`, or a `name_header` in which one of
    `proxies` says who has signed in there.
    """

    editor: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    address: Annotated[str, AfterValidator(_origin)] | None = None
    password_hash: Annotated[str, AfterValidator(_password_hash)] | None = Field(
        default=None, repr=False
    )
    name_header: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,60}$")] | None = None
    proxies: tuple[Annotated[str, AfterValidator(_ip)], ...] = ()


def _secret(text: str) -> str:
    if len(text) < _SHORTEST_SECRET:
        raise ValueError(f"write at least {_SHORTEST_SECRET} random characters")
    return text


DatabaseUrl = Annotated[str, AfterValidator(_postgres)]


class Settings(Value):
    """Everything an editor may set. Keys come from the environment and are never written down.

    `services` are those at which models answer, with the tables `[services.NAME]`; `providers` has the
    tables `[openai]`, `[mistral]` and so on. `database_url` has runs, ledger and
    queue in Postgres, for many machines; it may hold a password.
    """

    models: Models = Field(default_factory=Models)
    services: dict[str, ModelService] = Field(default_factory=lambda: dict(built_in()))
    providers: dict[str, ProviderSettings] = Field(default_factory=dict)
    verdict: Rules = Rules()
    calls: CallSettings = CallSettings()
    limits: CallLimits = CallLimits()
    prices: dict[str, Rate] = Field(default_factory=dict)
    batch: BatchSettings = BatchSettings()
    schedule: Schedule | None = None
    site: SiteSettings = SiteSettings()
    months: Annotated[tuple[Month, ...], Field(min_length=1, max_length=5)] = MONTHS
    database_url: DatabaseUrl | None = Field(default=None, repr=False)
    votes: VoteSettings = VoteSettings()
    desk: DeskSettings = DeskSettings()
    votes_secret: Annotated[str, AfterValidator(_secret)] | None = Field(default=None, repr=False)
    digest: DigestSettings = DigestSettings()
    mail_keys: dict[str, str] = Field(default_factory=dict, repr=False)
    keys: dict[str, str] = Field(default_factory=dict, repr=False)

    def provider(self, name: str) -> ProviderSettings:
        """Return the settings of a provider, the defaults where none are written."""
        return self.providers.get(name) or ProviderSettings()

    def service(self, name: str) -> ModelService | None:
        """Return a service as this workspace asks it, None where there is none of that name."""
        if name not in self.services:
            return None
        own = self.provider(name)
        row = self.services[name]
        url = own.base_url or row.base_url
        row = row if url is None else at_address(name, url, self.services)
        return row if own.api is None else row.model_copy(update={"api": own.api})

    def default_model(self, provider: str) -> str | None:
        """Return the model that is asked where none is named, None where there is no such model."""
        return self.models.defaults.get(provider)

    def has_key(self, provider: str) -> bool:
        """Return whether `provider` has a key, or needs none at the server that is set for it."""
        service = self.service(provider)
        if service is None or not service.has_address:
            return False
        return provider in self.keys or not service.needs_key


def load_settings(file: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of `file`, or the defaults where it is None, with the environment's keys.

    Raises ConfigError that names file and key.
    """
    seen = os.environ if environment is None else environment  # noqa: TID251 - the one place
    fields = _read(file) if file is not None else {}
    if "keys" in fields:
        raise ConfigError(
            f"{file}: keys do not belong into a file. Set the variable of each service instead, like "
            "OPENAI_API_KEY."
        )
    if "votes_secret" in fields:
        raise ConfigError(
            f"{file}: votes_secret: it does not belong into a file. Set {VOTES_SECRET} instead."
        )
    if "mail_keys" in fields:
        names = " or ".join(MAIL_KEYS.values())
        raise ConfigError(
            f"{file}: mail_keys: they do not belong into a file. Set {names} instead."
        )
    source = file or "the environment"
    try:
        services = _services(fields.pop("services", {}))
        fields = _by_provider(fields, services, seen)
        if database := seen.get(DATABASE, "").strip():
            fields["database_url"] = database
        if secret := seen.get(VOTES_SECRET, "").strip():
            fields["votes_secret"] = secret
        fields["mail_keys"] = {
            name: key for name, one in MAIL_KEYS.items() if (key := seen.get(one, "").strip())
        }
        keys = _keys(services, seen)
        return Settings.model_validate({**fields, "services": services, "keys": keys})
    except ConfigError as error:
        raise ConfigError(f"{source}: {error}") from error
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise ConfigError("\n".join(f"{source}: {_describe(fault)}" for fault in faults)) from error


def _services(tables: Any) -> dict[str, ModelService]:  # noqa: ANN401 - any TOML value
    """Return the services with those of the file. Raises ConfigError."""
    if not isinstance(tables, dict) or not all(isinstance(one, dict) for one in tables.values()):
        raise ConfigError("services: write a table [services.NAME] for each service")
    found = dict(built_in())
    for name, table in tables.items():
        if any(field in table for field in ("key", "api_key")):
            raise ConfigError(
                f"services.{name}: keys do not belong into a file. Name the variable that holds it: "
                "key_variable"
            )
        try:
            found[name] = read_service(name, table, found)
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            raise ConfigError(f"services.{name}.{_describe(fault)}") from error
    return found


def _keys(services: Services, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the keys that the environment has, by service."""
    given = {
        name: environment.get(one.key_variable or "", "").strip() for name, one in services.items()
    }
    return {name: key for name, key in given.items() if key}


def _default_models(services: Services) -> dict[str, str]:
    return {name: one.default_model for name, one in services.items() if one.default_model}


def _by_provider(
    fields: dict[str, Any], services: Services, environment: Mapping[str, str]
) -> dict[str, Any]:
    """Return the `fields` of a file with what it sets for each provider in one dictionary."""
    own, rest = _split(fields, "providers", services)
    for name, one in services.items():
        url = environment.get(one.address_variable or "", "").strip()
        if url and isinstance(table := own.get(name, {}), dict):
            own[name] = {"base_url": url, **table}
    models = rest.get("models", {})
    if isinstance(models, dict):
        defaults, others = _split(models, "defaults", services)
        rest["models"] = {**others, "defaults": {**_default_models(services), **defaults}}
    return {**rest, "providers": own}


def _split(
    table: dict[str, Any], name: str, services: Services
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the entries of `table` for services, which go into the field `name`, and the others."""
    if name in table:
        raise ConfigError(f"{name}: {_PLAIN['extra_forbidden']}")
    own = {key: value for key, value in table.items() if key in services}
    return own, {key: value for key, value in table.items() if key not in services}


def _describe(fault: ErrorDetails) -> str:
    place = ".".join(str(step) for step in fault["loc"] if step not in _UNWRITTEN)
    return f"{place}: {describe_fault(fault, _PLAIN)}"


def _read(file: Path) -> dict[str, Any]:
    try:
        fields = tomllib.loads(read_text(file), parse_float=_decimal)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file}: cannot be read ({describe_unread(error)}). `shipskip init DIR` lays out the "
            "built-in one."
        ) from error
    except (ValueError, RecursionError) as error:  # of a long number int() raises it as it is
        raise ConfigError(f"{file}: {_toml_fault(str(error))}") from error
    prices = fields.pop("prices", {})
    if not isinstance(prices, dict) or not all(isinstance(p, dict) for p in prices.values()):
        raise ConfigError(
            f'{file}: prices: write a table [prices."provider:model"] for each model.'
        )
    rates = {model: read_rate(model, table) for model, table in prices.items()}
    return {**{key: _strict(value) for key, value in fields.items()}, "prices": rates}


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError as error:
        raise ValueError(f"{text[:40]} is too large") from error


def _toml_fault(said: str) -> str:
    """Return why a settings file is no TOML, its line first, and what to do."""
    found = _TOML_PLACE.fullmatch(said)
    where, why = (f"{found[2]}: ", found[1]) if found else ("", said)
    return f"{where}this is no TOML ({why}). Write `name = value`, a text in quotes, and try again."


def _strict(value: Any, key: str = "") -> Any:  # noqa: ANN401 - any TOML value
    """Return `value` as strict values take it: tuples for lists, a Decimal for the cost cap only."""
    if isinstance(value, dict):
        return {name: _strict(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return tuple(_strict(item) for item in value)
    if key == "max_cost_usd" and type(value) is int:
        return Decimal(value)
    return float(value) if isinstance(value, Decimal) and key != "max_cost_usd" else value
