"""Settings that are well-formed one by one and wrong together."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from scheduler.checks import check_deployment, check_settings
from scheduler.tests.production import settings_under

LOOKED_AT = (
    "SITE_URL",
    "HTTPS",
    "ALLOWED_HOSTS",
    "ORGANISATION",
    "TRUSTED_PROXIES",
    "EMAIL_BACKEND",
    "MFA_REQUIRED_ROLES",
    "AUDIT_KEY",
    "THROTTLE_FACTOR",
    "CORS_ALLOWED_ORIGINS",
)


def _ids(**changes: Any) -> list[str | None]:
    production = settings_under()
    with override_settings(**{name: production[name] for name in LOOKED_AT} | changes):
        return [message.id for message in check_settings() + check_deployment()]


def test_check_when_all_is_well() -> None:
    assert _ids() == []


@pytest.mark.parametrize("hosts", [["clinic.example.org"], [".example.org"], ["other.org", "CLINIC.example.org"]])
def test_check_when_the_sites_host_is_allowed(hosts: list[str]) -> None:
    assert _ids(ALLOWED_HOSTS=hosts) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ALLOWED_HOSTS": ["www.example.org"]}, "scheduler.E001"),
        ({"BOOKING_HORIZON_DAYS": 1, "BOOKING_MIN_NOTICE_MINUTES": 24 * 60}, "scheduler.E002"),
        ({"ACCESS_TOKEN_LIFETIME": timedelta(days=1), "REFRESH_TOKEN_LIFETIME": timedelta(days=1)}, "scheduler.E003"),
        ({"BOOKING_HORIZON_DAYS": 2, "CANCELLATION_NOTICE_HOURS": 48}, "scheduler.W001"),
        ({"ORGANISATION": "Willow Clinics"}, "scheduler.W002"),
        ({"TRUSTED_PROXIES": 0}, "scheduler.W003"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, "scheduler.W004"),
        ({"MFA_REQUIRED_ROLES": ("admin",)}, "scheduler.W005"),
        ({"SESSION_HOURS": 1, "IDLE_MINUTES_PATIENTS": 61}, "scheduler.W006"),
        ({"AUDIT_KEY": settings.SECRET_KEY}, "scheduler.W007"),
        ({"THROTTLE_FACTOR": 1000}, "scheduler.W008"),
        ({"CORS_ALLOWED_ORIGINS": ["https://a.example.org", "http://b.example.org"]}, "scheduler.W009"),
        ({"SMS_CHANNEL": "console"}, "scheduler.W010"),
    ],
)
def test_check_when_settings_disagree(changes: dict[str, Any], expected: str) -> None:
    assert expected in _ids(**changes)
