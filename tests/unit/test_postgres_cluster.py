import psycopg
import pytest

from tests.postgres import PASSWORD, Cluster

pytestmark = pytest.mark.slow


def test_each_test_has_a_database_of_its_own(postgres: Cluster, postgres_address: str) -> None:
    with psycopg.connect(postgres_address) as connection:
        connection.execute("CREATE TABLE tools (name text)")
    with postgres.database() as other, psycopg.connect(other) as connection:
        found = connection.execute("SELECT to_regclass('tools')").fetchone()
    assert found == (None,)


def test_a_wrong_password_does_not_open_it(postgres: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres.address().replace(PASSWORD, "wrong"))


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_the_server_stops_and_starts_again_with_what_it_held(
    postgres: Cluster, postgres_address: str, how: str
) -> None:
    with psycopg.connect(postgres_address) as connection:
        connection.execute("CREATE TABLE tools AS SELECT 'quill' AS name")
    with postgres.stopped(how), pytest.raises(psycopg.OperationalError):  # type: ignore[arg-type]
        psycopg.connect(postgres_address)
    with psycopg.connect(postgres_address) as connection:
        assert connection.execute("SELECT name FROM tools").fetchone() == ("quill",)
