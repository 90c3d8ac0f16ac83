"""What all tests share: fast settings for the suite, and where an SQLite test database lives.

The environment comes from ``devtools/test_environment.py``, which pytest loads before the settings.
"""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from accounts.tests.prompt_post import make_prompt
from accounts.tests.written_once import flushing

pytest_plugins = ["clinic.tests.cast", "records.tests.actors"]


@pytest.fixture(scope="session", autouse=True)
def fast_settings() -> Iterator[None]:
    """Hash passwords cheaply (production's hashes are slow on purpose), and name static files without a build step."""
    storages = settings.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"], STORAGES=storages):
        yield


@pytest.fixture(scope="session", autouse=True)
def flushes_reach_everything() -> Iterator[None]:
    """Tests that commit are cleaned up after; tables that are append-only have to let them."""
    operations = type(connection.ops)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "execute_sql_flush", flushing(operations.execute_sql_flush))
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """On SQLite each test process has a database file of its own: runs side by side do not meet."""
    for database in settings.DATABASES.values():
        if database["ENGINE"].endswith("sqlite3"):
            database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "tests.sqlite3")


@pytest.fixture
def post_waits() -> None:
    """For tests about the outbox itself: no message is delivered before the test says so."""


@pytest.fixture(autouse=True)
def post_of_accounts_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails about accounts are there as soon as they are committed, without a worker."""
    if "post_waits" not in request.fixturenames:
        make_prompt(monkeypatch)
