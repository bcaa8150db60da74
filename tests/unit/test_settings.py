"""Settings come from one file and the environment; what is wrong is named by file and key."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.app.settings import BatchSettings, Settings, load_settings
from panel.errors import ConfigError
from panel.providers.services import built_in
from tests.conftest import CHECKOUT

pytestmark = pytest.mark.no_cover


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shipskip.toml"


def read(file: Path, text: str, environment: dict[str, str] | None = None) -> Settings:
    file.write_text(text, encoding="utf-8")
    return load_settings(file, environment or {})


def test_without_a_file_the_defaults_hold() -> None:
    assert load_settings(None, {}) == Settings()


def test_the_settings_that_come_with_shipskip_are_its_defaults() -> None:
    assert load_settings(CHECKOUT / "shipskip.toml", {}) == Settings()


def test_what_the_file_says_goes_before_the_defaults(file: Path) -> None:
    settings = read(
        file,
        '[models]\npanel = ["manual"]\n[verdict]\nquorum = 2\ntie = "ship"\n'
        "[limits]\ndeadline_s = 30\nmax_cost_usd = 0.10\n"
        '[limits.per_model."openai:x"]\nrequests_per_minute = 60\n'
        '[prices."openai:x"]\ninput = 0.1\noutput = 0.4\n',
    )
    assert settings.models.panel == ("manual",)
    assert (settings.verdict.quorum, settings.verdict.tie) == (2, "ship")
    assert settings.limits.deadline_s == 30.0
    assert settings.limits.max_cost_usd == Decimal("0.10")
    assert settings.limits.per_model["openai:x"].requests_per_minute == 60
    assert settings.prices["openai:x"].output == Decimal("0.4")


def test_an_amount_is_exact_whether_it_is_written_whole_or_not(file: Path) -> None:
    for written, meant in (("1", "1"), ("0.1", "0.1"), ("12.345", "12.345")):
        settings = read(file, f"[limits]\nmax_cost_usd = {written}")
        assert settings.limits.max_cost_usd == Decimal(meant)


@pytest.mark.parametrize("provider", [name for name, one in built_in().items() if one.key_variable])
def test_a_key_comes_from_the_environment_and_an_empty_one_is_none(provider: str) -> None:
    name = built_in()[provider].key_variable or ""
    assert load_settings(None, {name: "sk-1"}).keys == {provider: "sk-1"}
    assert load_settings(None, {name: " sk-1\r\n"}).keys == {provider: "sk-1"}
    assert load_settings(None, {name: "  "}).keys == {}
    assert load_settings(None, {}).keys == {}


def test_a_key_is_never_shown() -> None:
    assert "sk-1" not in repr(load_settings(None, {"OPENAI_API_KEY": "sk-1"}))


def test_a_key_in_the_file_is_refused_without_repeating_it(file: Path) -> None:
    with pytest.raises(ConfigError, match="keys do not belong into a file") as refused:
        read(file, '[keys]\nopenai = "sk-1"')
    assert "sk-1" not in str(refused.value)


def test_a_server_of_ones_own_needs_no_key(file: Path) -> None:
    by_file = read(file, '[openai]\nbase_url = "http://127.0.0.1:11434/v1"')
    by_environment = load_settings(None, {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"})
    assert by_file == by_environment
    assert by_file.has_key("openai")
    assert not by_file.has_key("mistral")


def test_the_address_in_the_file_goes_before_that_of_the_environment(file: Path) -> None:
    seen = {"OPENAI_BASE_URL": "http://one/v1"}
    assert read(file, '[openai]\nbase_url = "http://two/v1"', seen).provider("openai").base_url == (
        "http://two/v1"
    )
    assert (
        read(file, '[openai]\napi = "responses"', seen).provider("openai").base_url
        == "http://one/v1"
    )


def test_a_service_of_ones_own_is_a_table_and_its_key_is_in_the_variable_that_it_names(
    file: Path,
) -> None:
    text = (
        '[services.house]\nbase_url = "http://models.example"\npath = "/v1"\n'
        'key_variable = "HOUSE_KEY"\nneeds_key = true\ndescribes = ["minimum"]\n'
        'extra_body = {provider = {order = ["a"]}}\n'
    )
    settings = read(file, text, {"HOUSE_KEY": "sk-1", "SHIPSKIP_API_KEY": "sk-2"})
    assert settings.keys == {"house": "sk-1", "any": "sk-2"}
    house = settings.service("house")
    assert house is not None
    assert house.base_url == "http://models.example/v1"
    assert (house.api, house.answer_format, house.describes) == (
        "chat",
        "json_schema",
        ("minimum",),
    )
    assert house.leaves_out == built_in()["any"].leaves_out
    assert settings.has_key("house")
    assert not read(file, text).has_key("house")


def test_single_columns_of_a_service_can_be_changed(file: Path) -> None:
    settings = read(file, '[services.ollama]\nbase_url = "https://box.example"\n', {})
    row, own = built_in()["ollama"], settings.service("ollama")
    assert own is not None
    assert own.base_url == "https://box.example/v1"
    assert (row.is_free, own.is_free) == (True, False), "somebody may charge there"
    assert own.quirks == row.quirks
    assert settings.service("nobody") is None


@pytest.mark.parametrize(
    ("address", "title", "limit", "form"),
    [
        ("https://api.openai.com/v1", "OpenAI", "max_completion_tokens", "json_schema"),
        ("https://api.deepseek.com", "DeepSeek", "max_tokens", "json_object"),
        ("https://api.groq.com/openai/v1", "Groq", "max_completion_tokens", "json_schema"),
        ("http://localhost:11434", "Ollama", "max_tokens", "json_schema"),
        ("http://127.0.0.1:5000/v1", "the model server", "max_tokens", "json_schema"),
        ("http://[::1", "the model server", "max_tokens", "json_schema"),
    ],
)
def test_openais_address_may_be_that_of_any_service_and_is_known_by_it(
    address: str, title: str, limit: str, form: str
) -> None:
    settings = load_settings(None, {"OPENAI_BASE_URL": address, "OPENAI_API_KEY": "sk-1"})
    found = settings.service("openai")
    assert found is not None
    assert (found.title, found.limit_field, found.answer_format) == (title, limit, form)
    assert found.key_variable == "OPENAI_API_KEY"
    assert settings.keys == {"openai": "sk-1"}, "its key goes with its name"
    assert (found.api == "responses") == (title == "OpenAI")


def test_an_address_of_the_environment_is_that_of_the_service_that_names_the_variable() -> None:
    settings = load_settings(None, {"AZURE_OPENAI_ENDPOINT": "https://me.services.ai.azure.com/"})
    azure = settings.service("azure")
    assert azure is not None
    assert azure.base_url == "https://me.services.ai.azure.com/openai/v1"
    without = load_settings(None, {}).service("azure")
    assert without is not None
    assert not without.has_address


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("services = 3", "services: write a table [services.NAME]"),
        ("[services]\nx = 3", "services: write a table [services.NAME]"),
        ('[services.x]\nkey = "sk-1"', "services.x: keys do not belong into a file"),
        ("[services.x]\nbase = 1", "services.x.base: no such setting"),
        ('[services.x]\nlimit_field = "n"', "services.x.limit_field: write 'max_tokens' or"),
        ('[services.groq]\nneeds_key = "no"', "services.groq.needs_key: write true or false"),
        ('[services.x]\nkey_variable = "sk-1"', "services.x.key_variable: "),
        ("[colours]\nred = 1", "colours: no such setting"),
        ("[verdict]\nquorum = 0", "verdict.quorum: write a number of 1 or more"),
        ("[verdict]\nquorum = 21", "verdict.quorum: write a number of 20 or less"),
        ("[verdict]\nquorum = 2.5", "verdict.quorum: write a whole number"),
        ('[verdict]\ntie = "draw"', "verdict.tie: write 'ship' or 'skip'"),
        ("[models]\nopenai = 3", "models.openai: write a text in quotes"),
        ("[limits]\ndeadline_s = 0", "limits.deadline_s: write a number above 0"),
        ("[limits]\ndeadline_s = 5000", "limits.deadline_s: write a number of 3600 or less"),
        ('[limits]\ndeadline_s = "9"', "limits.deadline_s: write a number"),
        ("[limits]\nleader_first = 1", "limits.leader_first: write true or false"),
        ('[limits]\nmax_cost_usd = "6"', "limits.max_cost_usd: write an amount, like 6 or 0.50"),
        ('[schedule]\ncron = "30 5 * * *"', "schedule.feeds: it is missing; set it"),
        ('[batch]\nzone = "{x}"', "batch.zone: no such time zone"),
        ("[limits]\nconcurrency = 1001", "limits.concurrency: "),
        ('[limits]\nconcurrency = "4"', "limits.concurrency: write a whole number"),
        ("[limits]\nmax_cost_usd = -1", "limits.max_cost_usd: write a number of 0 or more"),
        ("[limits]\nmax_cost_usd = 1e30", "limits.max_cost_usd: write a number of 1000000000 or"),
        ("[limits]\nconcurency = 4", "limits.concurency: no such setting"),
        ('[models]\npanel = "checklist"', "models.panel: write a list"),
        ("openai = 3", "openai: write a table"),
        ("months = []", "months: name at least 1"),
        ("prices = 3", "prices: write a table"),
        ('[prices]\n"openai:x" = 3', "prices: write a table"),
        ('[prices."openai:x"]\ninptu = 3', "openai:x"),
        ("[models", "this is no TOML"),
        ("x = 1e99999999999999999999", "this is no TOML (1e99999999999999999999 is too large)"),
        (f"x = {'9' * 5000}", "this is no TOML (Exceeds the limit"),
        (f"x = {'[' * 5000}{']' * 5000}", "this is no TOML (maximum recursion depth"),
        (
            '[votes]\naddress = "https://votes.example:99999"',
            "votes.address: write https://HOST or https://HOST:PORT",
        ),
        (
            '[votes]\naddress = "https://votes.example:x"',
            "votes.address: write https://HOST or https://HOST:PORT",
        ),
    ],
)
def test_a_wrong_setting_is_named_by_file_and_key(file: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(file, text, {"OPENAI_BASE_URL": "http://one/v1"})
    message = str(refused.value)
    assert said in message
    assert file.name in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("runs = 'a'\nsamples 3\n", "line 2: this is no TOML (Expected '=' after a key"),
        ("[models", "end of document: this is no TOML (Expected ']' at the end of a table"),
    ],
)
def test_a_file_that_is_no_toml_is_named_with_its_line_and_what_to_write(
    file: Path, text: str, told: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        read(file, text)
    assert told in str(refused.value)
    assert str(refused.value).endswith("Write `name = value`, a text in quotes, and try again.")


def test_every_wrong_setting_is_named_at_once(file: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read(file, "[colours]\nred = 1\n[verdict]\nquorum = 0\n[limits]\ndeadline_s = 0")
    assert len(str(refused.value).splitlines()) == 3


def test_a_file_that_cannot_be_read_is_named(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(No such file"):
        load_settings(file, {})
    file.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"cannot be read \(it is not UTF-8\). `shipskip init"):
        load_settings(file, {})


@given(
    st.sampled_from(sorted(Settings.model_fields)), st.integers(-5, 5) | st.text("ab", max_size=3)
)
def test_no_value_of_the_wrong_kind_gets_past_as_another_error(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: int | str
) -> None:
    file = tmp_path_factory.mktemp("settings") / "shipskip.toml"
    with pytest.raises(ConfigError):
        read(file, f"{key} = {value!r}", {"OPENAI_BASE_URL": "http://one/v1"})


def test_a_feeds_day_is_that_of_the_zone_in_which_it_begins() -> None:
    at = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert BatchSettings().day_of(at) == date(2026, 11, 22)
    assert BatchSettings(zone="Europe/Paris").day_of(at) == date(2026, 11, 23)
    summer = datetime(2026, 7, 1, 3, 30, tzinfo=UTC)
    assert BatchSettings(zone="America/New_York").day_of(summer) == date(2026, 6, 30)
