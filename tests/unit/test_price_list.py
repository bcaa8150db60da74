import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from genai_prices import Usage as CatalogueUsage
from genai_prices import calc_price
from genai_prices.data import providers
from genai_prices.types import ModelInfo

from panel.app.model_prices import price_list
from panel.app.settings import load_settings
from panel.domain.exchange import Usage
from panel.domain.model_cost import Rate, cost, read_rate
from panel.errors import Stopped
from panel.providers.middleware.cost_cap import CostCap, LocalBudget
from panel.providers.price_list import PriceList, Processing
from panel.providers.services import built_in
from tests.virtual import Told, a_request, run

pytestmark = pytest.mark.no_cover

OWN = read_rate("openai:gpt-5.4-mini", {"input": 7, "output": 9})


class At:
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return 0.0


class Noon(At):
    def __init__(self) -> None:
        super().__init__(datetime(2026, 11, 22, 12, tzinfo=UTC))


def prices(
    overrides: dict[str, Rate] | None = None, processing: Processing = "standard", **options: Any
) -> PriceList:
    asked = dict.fromkeys(("openai", "azure", "mistral"), processing)
    free = ("checklist", "manual", "local")
    return PriceList(overrides or {}, clock=Noon(), processing=asked, free=free, **options)


def rate(given: PriceList, *args: Any, **named: Any) -> Rate:
    found = given.rate(*args, **named)
    assert found is not None
    return found


@pytest.mark.parametrize("processing", ["standard", "batch"])
@pytest.mark.parametrize(
    "usage",
    [
        Usage(input=1000, output=500),
        Usage(input=1000, cached=600, cache_written=200, output=500, reasoning=400),
        Usage(input=300_000, cached=200_000, cache_written=50_000, output=500),
    ],
)
@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-6-luna"),
        ("openai", "gpt-5.4-mini"),
        ("mistral", "mistral-medium-latest"),
        ("mistral", "mistral-large-latest"),
    ],
)
def test_a_call_costs_what_the_catalogue_itself_says(
    provider: str, model: str, usage: Usage, processing: Processing
) -> None:
    expected = calc_price(
        CatalogueUsage(
            input_tokens=usage.input,
            cache_read_tokens=usage.cached,
            cache_write_tokens=usage.cache_written,
            output_tokens=usage.output,
        ),
        model,
        provider_id=provider,
        genai_request_timestamp=Noon().now(),
        price_context={"processing": processing},
    )
    given = prices(processing=processing)
    assert (
        cost(usage, rate(given, provider, model, input_tokens=usage.input)) == expected.total_price
    )


def test_a_price_says_which_catalogue_it_is_from() -> None:
    assert rate(prices(), "openai", "gpt-5.4-mini").source == prices().catalogue
    assert prices().catalogue == f"genai-prices {version('genai-prices')}"


def test_a_second_question_has_the_same_answer() -> None:
    given = prices()
    assert rate(given, "openai", "gpt-6-luna") == rate(given, "openai", "gpt-6-luna")


def test_a_cache_write_has_its_own_price_where_the_catalogue_has_one() -> None:
    found = rate(prices(), "openai", "gpt-6-luna")
    assert found.cache_write == found.input * Decimal("1.25")


def test_an_unknown_model_or_provider_has_no_price() -> None:
    assert prices().rate("openai", "no-such-model") is None
    assert prices().rate("no-such-provider", "gpt-6-luna") is None


def test_a_model_without_a_price_of_its_output_has_no_price() -> None:
    assert prices().rate("openai", "text-embedding-3-small") is None


def test_the_model_that_answered_is_priced_before_the_one_that_was_asked() -> None:
    asked = rate(prices(), "mistral", "mistral-large-latest")
    answered = rate(prices(), "mistral", "mistral-large-latest", answered_by="mistral-large-4")
    assert answered == rate(prices(), "mistral", "mistral-large-4")
    assert answered != asked


def test_the_model_that_was_asked_is_priced_where_the_answering_one_is_unknown() -> None:
    found = rate(prices(), "openai", "gpt-5.4-mini", answered_by="something-else")
    assert found == rate(prices(), "openai", "gpt-5.4-mini")


def test_an_override_goes_before_the_catalogue() -> None:
    given = prices({"openai:gpt-5.4-mini": OWN})
    assert given.rate("openai", "gpt-5.4-mini") is OWN
    assert given.rate("openai", "gpt-5.4-mini", answered_by="gpt-5.4-mini-2026-03-17") is OWN


def test_an_override_of_the_answering_model_goes_first() -> None:
    other = read_rate("openai:gpt-y", {"input": 1, "output": 1})
    given = prices({"openai:gpt-5.4-mini": OWN, "openai:gpt-y": other})
    assert given.rate("openai", "gpt-5.4-mini", answered_by="gpt-y") is other


@pytest.mark.parametrize("provider", ["checklist", "manual", "local"])
def test_what_calls_no_paid_service_is_free_and_says_so(provider: str) -> None:
    found = rate(prices(), provider, "anything")
    assert (found.input, found.output) == (Decimal(0), Decimal(0))
    assert found.source.startswith("no charge")


def test_a_long_prompt_pays_the_higher_tier() -> None:
    short = rate(prices(), "openai", "gpt-6-luna", input_tokens=272_000)
    long = rate(prices(), "openai", "gpt-6-luna", input_tokens=272_001)
    assert long.input == short.input * 2
    assert long.output > short.output


def test_a_batch_is_half_price_and_says_so() -> None:
    found = rate(prices(processing="batch"), "mistral", "mistral-medium-latest")
    assert found.input == rate(prices(), "mistral", "mistral-medium-latest").input / 2
    assert found.source.endswith(", batch price")


@pytest.mark.parametrize("processing", ["standard", "flex", "priority", "batch"])
def test_what_a_batch_service_answered_has_the_batch_price_whatever_calls_are(
    processing: Processing,
) -> None:
    given = prices(processing=processing)
    found = rate(given, "openai", "gpt-5.4-mini", service="batch")
    assert found == rate(prices(processing="batch"), "openai", "gpt-5.4-mini")
    assert found.input == rate(prices(), "openai", "gpt-5.4-mini").input / 2


def test_a_batch_without_a_price_of_its_own_has_the_standard_price() -> None:
    model = "mistral-large-latest"
    batch = rate(prices(processing="priority"), "mistral", model, service="batch")
    assert batch == rate(prices(), "mistral", model)
    assert rate(prices({f"mistral:{model}": OWN}), "mistral", model, service="batch") is OWN


@pytest.mark.parametrize("tier", ["flex", "priority"])
@pytest.mark.parametrize("provider", ["openai", "google"])
def test_a_service_tier_has_the_price_that_the_catalogue_has_for_it(
    provider: str, tier: Processing
) -> None:
    tiered = [one for one in _models(provider) if _has_tier(one, tier)]
    given = PriceList({}, clock=Noon(), processing={provider: tier})
    assert tiered
    for one in tiered:
        context = {"service_tier": tier}
        expected = one.get_prices(Noon().now(), context)
        if not isinstance(expected.input_mtok, Decimal):
            continue  # a price by the length of the prompt
        found = rate(given, provider, one.id)
        assert (found.input, found.output) == (expected.input_mtok, expected.output_mtok), one.id
        assert found.source.endswith(f", {tier} price")


def _models(provider: str) -> list[ModelInfo]:
    return next(one.models for one in providers if one.id == provider)


def _has_tier(model: ModelInfo, tier: str) -> bool:
    return any(one.when == {"service_tier": tier} for one in model.price_variants or ())


def test_a_price_of_a_tier_holds_from_its_day_on() -> None:
    early = datetime(2026, 10, 1, tzinfo=UTC)
    cases: tuple[tuple[Processing, PriceList | None], ...] = (
        ("flex", prices()),
        ("priority", None),
    )
    for tier, expected in cases:
        given = PriceList({}, clock=At(early), processing={"openai": tier})
        found = given.rate("openai", "gpt-5.4-mini")
        assert found == (expected.rate("openai", "gpt-5.4-mini") if expected else None)


def test_flex_is_not_billed_at_the_price_of_a_batch() -> None:
    assert rate(prices(processing="batch"), "openai", "gpt-4.1").source.endswith("batch price")
    assert rate(prices(processing="flex"), "openai", "gpt-4.1") == rate(
        prices(), "openai", "gpt-4.1"
    )


@pytest.mark.parametrize("processing", ["batch", "flex"])
def test_a_makers_discount_is_not_the_sellers(processing: Processing) -> None:
    at_azure = rate(prices(processing=processing), "azure", "gpt-5.4-mini")
    assert at_azure == rate(prices(), "azure", "gpt-5.4-mini")


def test_no_discount_is_taken_where_the_catalogue_has_none() -> None:
    flex = rate(prices(processing="flex"), "mistral", "mistral-medium-latest")
    assert flex == rate(prices(), "mistral", "mistral-medium-latest")
    batch = rate(prices(processing="batch"), "mistral", "mistral-large-latest")
    assert batch.source == prices().catalogue


@pytest.mark.parametrize(("row", "is_sent"), [("", True), ('leaves_out = ["service_tier"]', False)])
def test_a_service_tier_that_is_not_sent_changes_no_price(
    tmp_path: Path, row: str, is_sent: bool
) -> None:
    file = tmp_path / "shipskip.toml"
    text = f'[openai]\nservice_tier = "flex"\n[services.openai]\n{row}\n'
    file.write_text(text, encoding="utf-8")
    found = rate(price_list(load_settings(file, {}), Noon()), "openai", "gpt-5.4-mini")
    assert (found != rate(prices(), "openai", "gpt-5.4-mini")) is is_sent


def test_a_service_tier_is_sent_by_the_apis_of_openai_alone() -> None:
    takers = [name for name, one in built_in().items() if one.takes_service_tier]
    others = {one.api for name, one in built_in().items() if name not in takers}
    assert "openai" in takers
    assert others == {"messages", "mistral", "gguf"}


@pytest.mark.parametrize(
    ("provider", "model"),
    [("azure", "gpt-5.4-mini"), ("openai", "gpt-3.5-turbo"), ("mistral", "mistral-medium-latest")],
)
def test_a_surcharge_that_the_catalogue_does_not_know_is_not_left_out(
    provider: str, model: str
) -> None:
    given = prices(processing="priority")
    assert given.rate(provider, model) is None
    assert given.describe(provider) == "priority price"
    assert prices().rate(provider, model) is not None
    assert prices().describe(provider) == "price"
    capped = CostCap(Told(), LocalBudget(Decimal(1)), given)
    with pytest.raises(Stopped, match=f"no priority price is known for {provider}:{model}"):
        run(capped.complete(a_request(provider=provider, model=model)))
    own = prices({f"{provider}:{model}": OWN}, processing="priority")
    assert own.rate(provider, model) is OWN


def test_a_provider_at_another_address_has_the_prices_of_that_address() -> None:
    router = prices(base_urls={"openai": "https://openrouter.ai/api/v1"})
    assert router.rate("openai", "openai/gpt-5.4-mini") is not None
    own_server = prices(base_urls={"openai": "http://127.0.0.1:11434/v1"})
    assert own_server.rate("openai", "gpt-5.4-mini") is None


def test_the_catalogue_is_not_imported_before_a_price_is_asked() -> None:
    code = "import sys, panel.providers.price_list; sys.exit('genai_prices' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_service_is_listed_under_its_name_in_the_catalogue() -> None:
    listed = prices(catalogues={"house": "google"})
    found = rate(listed, "house", "gemini-2.5-flash")
    assert found == rate(prices(), "google", "gemini-2.5-flash")
    assert prices().rate("house", "gemini-2.5-flash") is None


def test_a_price_of_ones_own_goes_before_no_charge() -> None:
    own = PriceList({"ollama:kimi": OWN}, clock=Noon(), free=("ollama",))
    assert rate(own, "ollama", "kimi") == OWN
    assert rate(own, "ollama", "qwen3").output == 0
