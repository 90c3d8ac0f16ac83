"""``manage.py setup`` and the cache's table."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("accounts", "clinic", "records", "scheduler", "templates")


@pytest.fixture
def fresh_copy(tmp_path: Path) -> Path:
    """The product as somebody has just downloaded it."""
    unwanted = shutil.ignore_patterns("tests", "__pycache__")
    for part in PARTS:
        shutil.copytree(ROOT / part, tmp_path / part, ignore=unwanted)
    shutil.copy(ROOT / "manage.py", tmp_path)
    return tmp_path


def run_setup(folder: Path) -> subprocess.CompletedProcess[str]:
    """``python manage.py setup`` in a shell that has none of our variables."""
    plain = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    command = [sys.executable, "manage.py", "setup"]
    return subprocess.run(command, cwd=folder, env=plain, capture_output=True, text=True, timeout=120, check=False)


def test_setup_when_nothing_is_there(fresh_copy: Path) -> None:
    done = run_setup(fresh_copy)

    assert done.returncode == 0, done.stderr
    assert "python manage.py runserver" in done.stdout
    assert "DEBUG=on" in (fresh_copy / ".env").read_text()
    with sqlite3.connect(fresh_copy / "db.sqlite3") as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"accounts_user", "clinic_appointment", "cache"} <= tables


def test_setup_again_keeps_the_keys(fresh_copy: Path) -> None:
    run_setup(fresh_copy)
    keys = (fresh_copy / ".env").read_bytes()

    done = run_setup(fresh_copy)

    assert done.returncode == 0, done.stderr
    assert (fresh_copy / ".env").read_bytes() == keys


@pytest.mark.django_db
def test_migrate_when_the_cache_has_no_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS cache")

    call_command("migrate", verbosity=0)

    cache.set("a", 1)
    assert cache.get("a") == 1


@pytest.mark.django_db
@override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis:"}})
def test_migrate_when_the_cache_is_elsewhere() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS cache")

    call_command("migrate", verbosity=0)

    assert "cache" not in connection.introspection.table_names()
