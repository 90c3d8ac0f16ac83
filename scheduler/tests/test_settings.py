"""Settings: production is the default, nonsense is refused in one line, and every policy is the environment's."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from scheduler.environment import Environment
from scheduler.first_env import write_first_env
from scheduler.tests.production import PRODUCTION, settings_under

SHORT = "kJ8sd7Fh3kLq"
SECRETS = ["parole", SHORT, PRODUCTION["SECRET_KEY"], PRODUCTION["FIELD_ENCRYPTION_KEYS"]]

REFUSED = [
    ("SECRET_KEY", ""),
    ("SECRET_KEY", SHORT),
    ("SECRET_KEY", "django-insecure-" + PRODUCTION["SECRET_KEY"]),
    ("SECRET_KEY", "change-me-" + PRODUCTION["SECRET_KEY"]),
    ("SECRET_KEY", "your-secret-key-goes-here-and-is-long-enough-to-pass-0123456789"),
    ("SECRET_KEY", "only-for-debugging-" * 3),
    ("SECRET_KEY", "abcabc" * 10),
    ("FIELD_ENCRYPTION_KEYS", ""),
    ("FIELD_ENCRYPTION_KEYS", "not-a-fernet-key"),
    ("FIELD_ENCRYPTION_KEYS", PRODUCTION["FIELD_ENCRYPTION_KEYS"] + ",schlüssel"),
    ("FIELD_ENCRYPTION_KEYS", "b25seS1mb3ItZGVidWdnaW5nLW9ubHktZm9yLWRlYnU="),
    ("DEBUG", "yess"),
    ("DEBUG", "2"),
    ("DEBUG", "None"),
    ("ALLOWED_HOSTS", ""),
    ("ALLOWED_HOSTS", " , "),
    ("ALLOWED_HOSTS", "*"),
    ("ALLOWED_HOSTS", "https://clinic.example.org"),
    ("ALLOWED_HOSTS", "clinic.example.org:8000"),
    ("ALLOWED_HOSTS", "*.example.org"),
    ("SITE_URL", ""),
    ("SITE_URL", "clinic.example.org"),
    ("SITE_URL", "ftp://clinic.example.org"),
    ("SITE_URL", "https://"),
    ("SITE_URL", "https://[::1"),
    ("SITE_URL", "https://clinic.example.org:abc"),
    ("SITE_URL", "https://clinic.example.org:99999"),
    ("SITE_URL", "https://clinic.example.org/portal"),
    ("SITE_URL", "https://user:parole@clinic.example.org"),
    ("DATABASE_URL", "nonsense"),
    ("DATABASE_URL", "://"),
    ("DATABASE_URL", "mysql://clinic:parole@127.0.0.1/clinic"),
    ("DATABASE_URL", "postgres://clinic:parole@127.0.0.1:port/clinic"),
    ("DATABASE_URL", "postgres://clinic:parole@127.0.0.1:70000/clinic"),
    ("DATABASE_URL", "postgres://clinic:parole@127.0.0.1:5432"),
    ("DATABASE_URL", "nonsense://clinic:parole@127.0.0.1:5432/clinic"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "sqlite://:memory:"),
    ("DATABASE_URL", "sqlite://clinic.sqlite3"),
    ("DB_POOL_SIZE", "0"),
    ("REDIS_URL", "nonsense"),
    ("REDIS_URL", "http://127.0.0.1:6379"),
    ("REDIS_URL", "redis://:parole@127.0.0.1:port"),
    ("REDIS_URL", "redis://"),
    ("EMAIL_URL", ""),
    ("EMAIL_URL", "nonsense"),
    ("EMAIL_URL", "smtp://"),
    ("EMAIL_URL", "smtp://clinic:parole@mail.example.org:port"),
    ("DEFAULT_FROM_EMAIL", "nobody"),
    *(
        ("CORS_ALLOWED_ORIGINS", origin)
        for origin in (
            *("*", "null", "app.example.org", "https://", "https://*.example.org", "https://app.example.org/"),
            *(
                "https://app.example.org/path",
                "https://u@app.example.org",
                "ftp://app.example.org",
                "HTTPS://App.example",
            ),
            "https://app.example.org https://other.example.org",
        )
    ),
    ("LOG_LEVEL", "LOUD"),
    ("CURRENCY", "euro"),
    ("PHONE_REGION", "Germany"),
    ("PHONE_REGION", "XX"),
    ("TRUSTED_PROXIES", "abc"),
    ("TRUSTED_PROXIES", "-1"),
    ("TRUSTED_PROXIES", "11"),
    ("THROTTLE_FACTOR", "0"),
    ("THROTTLE_HOLDS_PER_MINUTE", "0"),
    ("THROTTLE_HOLDS_PER_MINUTE", "2.5"),
    ("BOOKING_MIN_NOTICE_MINUTES", "half an hour"),
    ("BOOKING_HORIZON_DAYS", "0"),
    ("BOOKING_HORIZON_DAYS", "731"),
    ("CANCELLATION_NOTICE_HOURS", "1e3"),
    ("HOLD_MINUTES", "٣"),
    ("HOLD_MINUTES", "0000000000000000999999"),
    ("HOLD_MINUTES", "9" * 5000),
    ("MAX_UPCOMING_PER_PATIENT", "0"),
    ("REMINDER_HOURS_BEFORE", "0"),
    ("REMINDER_HOURS_BEFORE", "24,none"),
    ("REMINDER_HOURS_BEFORE", "24;168"),
    ("REMINDER_HOURS_BEFORE", "-24"),
    ("REMINDER_HOURS_BEFORE", "24,8761"),
    ("ACCESS_TOKEN_MINUTES", "0"),
    ("REFRESH_TOKEN_DAYS", "91"),
    ("IDLE_MINUTES_STAFF", "0"),
    ("IDLE_MINUTES_PATIENTS", "-5"),
    ("MFA_REQUIRED_ROLES", "doctor,nurse"),
    ("MFA_REQUIRED_ROLES", "doctor,none"),
    ("MFA_REQUIRED_ROLES", "all"),
]


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_load_when_a_variable_is_wrong(name: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    # case 199, case 200, case 201
    with pytest.raises(SystemExit) as stopped:
        settings_under(**{name: value})

    assert stopped.value.code == 3
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert output.err.startswith(f"Configuration error: {name} ")
    assert not [secret for secret in SECRETS if secret in output.err]


def test_load_when_parts_of_a_database_lack_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        settings_under(DATABASE_URL="", DB_HOST="127.0.0.1", DB_PASSWORD="parole")

    assert capsys.readouterr().err == "Configuration error: DB_NAME is missing, though others of DB_* are set.\n"


@pytest.mark.parametrize("port", ["abc", "0", "65536", "5432x"])
def test_load_when_the_database_port_is_wrong(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    # case 201
    with pytest.raises(SystemExit):
        settings_under(DATABASE_URL="", DB_NAME="clinic", DB_PORT=port)

    assert capsys.readouterr().err == "Configuration error: DB_PORT must be a whole number from 1 to 65535.\n"


@pytest.mark.parametrize(("value", "expected"), [("", False), ("False ", False), ("off", False), (" ON", True)])
def test_debug_when_said_plainly(value: str, expected: bool) -> None:
    # case 200
    loaded = settings_under(DEBUG=value)

    assert loaded["DEBUG"] is expected


def test_load_when_debugging_needs_nothing_else() -> None:
    nothing = dict.fromkeys(PRODUCTION, "")

    loaded = settings_under(**nothing | {"DEBUG": "on"})

    assert loaded["DEBUG"] is True
    assert loaded["DATABASES"]["default"]["NAME"] == str(settings.BASE_DIR / "db.sqlite3")


STAFF_AND_DOCTORS = ("doctor", "receptionist", "admin")
POLICY: list[tuple[str, str, str, Any, Any]] = [
    ("BOOKING_MIN_NOTICE_MINUTES", "45", "BOOKING_MIN_NOTICE_MINUTES", 30, 45),
    ("BOOKING_HORIZON_DAYS", "90", "BOOKING_HORIZON_DAYS", 180, 90),
    ("CANCELLATION_NOTICE_HOURS", "48", "CANCELLATION_NOTICE_HOURS", 24, 48),
    ("HOLD_MINUTES", "5", "HOLD_MINUTES", 10, 5),
    ("MAX_UPCOMING_PER_PATIENT", "3", "MAX_UPCOMING_PER_PATIENT", 10, 3),
    ("REMINDER_HOURS_BEFORE", "2, 48,2", "REMINDER_HOURS_BEFORE", (168, 24), (48, 2)),
    ("REMINDER_HOURS_BEFORE", "None", "REMINDER_HOURS_BEFORE", (168, 24), ()),
    ("ACCESS_TOKEN_MINUTES", "5", "ACCESS_TOKEN_LIFETIME", timedelta(minutes=15), timedelta(minutes=5)),
    ("REFRESH_TOKEN_DAYS", "7", "REFRESH_TOKEN_LIFETIME", timedelta(days=14), timedelta(days=7)),
    ("IDLE_MINUTES_STAFF", "10", "IDLE_MINUTES_STAFF", 15, 10),
    ("IDLE_MINUTES_PATIENTS", "20", "IDLE_MINUTES_PATIENTS", 30, 20),
    ("SESSION_HOURS", "8", "SESSION_HOURS", 12, 8),
    ("MFA_REQUIRED_ROLES", "None", "MFA_REQUIRED_ROLES", STAFF_AND_DOCTORS, ()),
    ("MFA_REQUIRED_ROLES", "Admin, patient", "MFA_REQUIRED_ROLES", STAFF_AND_DOCTORS, ("admin", "patient")),
]


@pytest.mark.parametrize(("variable", "value", "setting", "default", "expected"), POLICY)
def test_policy_when_the_environment_sets_it(
    variable: str, value: str, setting: str, default: object, expected: object
) -> None:
    assert settings_under(**{variable: ""})[setting] == default
    assert settings_under(**{variable: value})[setting] == expected


def test_throttles_when_a_factor_is_set() -> None:
    plain = settings_under(THROTTLE_FACTOR="1", THROTTLE_HOLDS_PER_MINUTE="7")
    loaded = settings_under(THROTTLE_FACTOR="3", THROTTLE_HOLDS_PER_MINUTE="7")

    assert plain["THROTTLE_RATES"]["holds"] == "7/min"
    assert loaded["THROTTLE_RATES"]["holds"] == "21/min"
    for name, rate in plain["THROTTLE_RATES"].items():
        assert int(loaded["THROTTLE_RATES"][name].partition("/")[0]) == 3 * int(rate.partition("/")[0])
    assert loaded["ACCOUNT_RATE_LIMITS"]["login_failed"] == "30/m/ip,15/5m/key"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+psycopg"])
def test_database_when_the_url_names_a_driver(scheme: str) -> None:
    database = settings_under(DATABASE_URL=f"{scheme}://clinic:pa%23ss@db:5433/clinic")["DATABASES"]["default"]

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db", 5433, "clinic")
    assert (database["USER"], database["PASSWORD"]) == ("clinic", "pa#ss")
    assert database["ATOMIC_REQUESTS"] is False
    assert database["CONN_MAX_AGE"] == 0


@pytest.mark.parametrize("variable", ["DB_PASSWORD", "DB_PWD"])
def test_database_when_given_in_parts(variable: str) -> None:
    loaded = settings_under(DATABASE_URL="", DB_NAME="clinic", DB_USER="anna", DB_PORT="5433", **{variable: "$pa#ss"})

    database = loaded["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("localhost", "5433", "clinic")
    assert (database["USER"], database["PASSWORD"]) == ("anna", "$pa#ss")


def test_database_when_it_is_sqlite() -> None:
    database = settings_under(DATABASE_URL="sqlite:///clinic.sqlite3")["DATABASES"]["default"]

    assert database["NAME"] == str(settings.BASE_DIR / "clinic.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]


def test_cache_when_there_is_no_redis() -> None:
    loaded = settings_under(REDIS_URL="")

    assert loaded["CACHES"]["default"]["OPTIONS"] == {"MAX_ENTRIES": 1_000_000}


def test_proxies_when_there_is_one() -> None:
    loaded = settings_under(TRUSTED_PROXIES="1")

    assert loaded["ALLAUTH_TRUSTED_PROXY_COUNT"] == loaded["REST_FRAMEWORK"]["NUM_PROXIES"] == 1
    assert loaded["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert settings_under(TRUSTED_PROXIES="0")["SECURE_PROXY_SSL_HEADER"] is None


def test_cookies_when_the_site_is_https() -> None:
    # case 167
    loaded = settings_under()

    for cookie in ("SESSION", "CSRF"):
        assert loaded[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        assert loaded[f"{cookie}_COOKIE_SECURE"] is True
        assert loaded[f"{cookie}_COOKIE_HTTPONLY"] is True
        assert loaded[f"{cookie}_COOKIE_SAMESITE"] == "Lax"


def _start(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=os.environ | PRODUCTION | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("arguments", [("check",), ("migrate", "--check"), ("shell", "-c", "1")])
def test_command_when_the_key_is_missing(arguments: tuple[str, ...]) -> None:
    # case 199
    done = _start(sys.executable, "manage.py", *arguments, SECRET_KEY="")

    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("Configuration error: SECRET_KEY is missing")
    assert done.stderr.count("\n") == 1


def test_server_when_the_key_is_short(tmp_path: Path) -> None:
    # case 199
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))

    done = _start(gunicorn, "scheduler.wsgi", "--bind", f"unix:{tmp_path / 'socket'}", SECRET_KEY=SHORT)

    assert done.returncode == 3
    assert "Configuration error: SECRET_KEY is too short" in done.stderr
    assert "Traceback" not in done.stderr
    assert SHORT not in done.stderr + done.stdout


def test_server_when_settings_disagree(tmp_path: Path) -> None:
    # case 201
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))

    done = _start(gunicorn, "scheduler.wsgi", "--bind", f"unix:{tmp_path / 'socket'}", ALLOWED_HOSTS="www.example.org")

    assert done.returncode == 3
    assert "Configuration error: SITE_URL names a host that ALLOWED_HOSTS does not list" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [("check",), ("migrate", "--check")])
def test_command_when_settings_disagree(arguments: tuple[str, ...]) -> None:
    # case 201
    done = _start(sys.executable, "manage.py", *arguments, ALLOWED_HOSTS="www.example.org")

    assert done.returncode == 1
    assert "(scheduler.E001) SITE_URL names a host that ALLOWED_HOSTS does not list" in done.stderr
    assert "Traceback" not in done.stderr


def test_deployment_check_when_all_is_set() -> None:
    # case 196
    everything = {"CORS_ALLOWED_ORIGINS": "https://app.example.org,https://desk.example.org:8443", "LOG_LEVEL": "debug"}

    done = _start(sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **everything)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("System check identified no issues (0 silenced)")


def test_first_env_when_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / ".env"

    write_first_env(path)

    assert "DEBUG=on\n" in path.read_text()
    assert "MFA_REQUIRED_ROLES=none\n" in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_first_env_when_there_is_one(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("DEBUG=off\n")

    write_first_env(path)

    assert path.read_text() == "DEBUG=off\n"


def _documented() -> dict[str, tuple[bool, str]]:
    """What ``.env.example`` says: each variable, whether a clinic must set it, and its default."""
    text = (settings.BASE_DIR / ".env.example").read_text()
    lines = re.findall(r"^(# )?([A-Z_]+)=(.*)$", text, re.MULTILINE)
    return {name: (not is_comment, default) for is_comment, name, default in lines}


def test_example_when_compared_with_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()
    text = Environment.text

    def remember(env: Environment, name: str, *args: Any, **kwargs: Any) -> str:
        asked.add(name)
        return text(env, name, *args, **kwargs)

    monkeypatch.setattr(Environment, "text", remember)
    settings_under(DATABASE_URL="", DB_NAME="clinic")

    assert set(_documented()) == asked


def test_example_when_it_names_defaults() -> None:
    in_parts = {"DATABASE_URL": "", "DB_NAME": "clinic"}

    wrong = [
        name
        for name, (_, default) in _documented().items()
        if default and settings_under(**in_parts | {name: default}) != settings_under(**in_parts | {name: ""})
    ]

    assert not wrong


@pytest.mark.parametrize("name", [name for name, (is_needed, _) in _documented().items() if is_needed])
def test_load_when_what_is_needed_is_missing(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    # case 199, case 201
    with pytest.raises(SystemExit):
        settings_under(**{name: ""})

    assert capsys.readouterr().err.startswith(f"Configuration error: {name} is missing")
