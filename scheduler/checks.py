"""System checks: settings that are well-formed one by one and wrong together. ``manage.py check`` shows them.

``scheduler.E…`` stops every command; ``scheduler.W…`` warns, those marked with ``deploy`` only under ``--deploy``.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.http.request import validate_host

from scheduler.environment import refuse

SAMPLE_ORGANISATION = "Willow Clinics"
"""The name that the product carries until somebody gives it his own."""

UNDELIVERED = ("console", "dummy", "locmem", "filebased", "shown_mail")
"""Mail backends from which nobody gets mail."""


def check_settings(**_options: Any) -> list[checks.CheckMessage]:
    """What would make the product useless or unreachable, wherever it runs."""
    horizon = timedelta(days=settings.BOOKING_HORIZON_DAYS)
    return _those_that_hold(
        (
            not validate_host(urlsplit(settings.SITE_URL).hostname or "", settings.ALLOWED_HOSTS),
            checks.Error(
                "SITE_URL names a host that ALLOWED_HOSTS does not list: it would answer 400.", id="scheduler.E001"
            ),
        ),
        (
            timedelta(minutes=settings.BOOKING_MIN_NOTICE_MINUTES) >= horizon,
            checks.Error(
                "BOOKING_MIN_NOTICE_MINUTES reaches beyond BOOKING_HORIZON_DAYS: nothing can be booked.",
                id="scheduler.E002",
            ),
        ),
        (
            settings.REFRESH_TOKEN_LIFETIME <= settings.ACCESS_TOKEN_LIFETIME,
            checks.Error(
                "REFRESH_TOKEN_DAYS must be longer than ACCESS_TOKEN_MINUTES: nothing could be refreshed.",
                id="scheduler.E003",
            ),
        ),
        (
            timedelta(hours=settings.CANCELLATION_NOTICE_HOURS) >= horizon,
            checks.Warning(
                "CANCELLATION_NOTICE_HOURS reaches beyond BOOKING_HORIZON_DAYS: no patient can ever cancel or move.",
                id="scheduler.W001",
            ),
        ),
        (
            max(settings.IDLE_MINUTES_STAFF, settings.IDLE_MINUTES_PATIENTS) > settings.SESSION_HOURS * 60,
            checks.Warning("SESSION_HOURS ends sessions before IDLE_MINUTES_… can.", id="scheduler.W006"),
        ),
    )


def check_deployment(**_options: Any) -> list[checks.CheckMessage]:
    """What is right for a trial and wrong for a clinic."""
    return _those_that_hold(
        (
            settings.ORGANISATION == SAMPLE_ORGANISATION,
            checks.Warning("ORGANISATION is not set: pages and mails carry a made-up name.", id="scheduler.W002"),
        ),
        (
            settings.HTTPS and not settings.TRUSTED_PROXIES,
            checks.Warning(
                "SITE_URL is https and TRUSTED_PROXIES is 0: behind a proxy that ends TLS pages redirect for ever.",
                id="scheduler.W003",
            ),
        ),
        (
            settings.EMAIL_BACKEND.split(".")[-2] in UNDELIVERED,
            checks.Warning("EMAIL_URL names no mail server: nobody can confirm an address.", id="scheduler.W004"),
        ),
        (
            not set(settings.MFA_REQUIRED_ROLES) >= {"doctor", "receptionist", "admin"},
            checks.Warning(
                "MFA_REQUIRED_ROLES leaves out doctors or staff: a password alone opens patients' data.",
                id="scheduler.W005",
            ),
        ),
        (
            settings.AUDIT_KEY == settings.SECRET_KEY,
            checks.Warning("AUDIT_KEY is SECRET_KEY: whoever knows one can forge the other's.", id="scheduler.W007"),
        ),
        (
            settings.THROTTLE_FACTOR > 1,
            checks.Warning(
                "THROTTLE_FACTOR is for load tests: passwords may be guessed so many times faster.",
                id="scheduler.W008",
            ),
        ),
        (
            any(not origin.startswith("https://") for origin in settings.CORS_ALLOWED_ORIGINS),
            checks.Warning(
                "CORS_ALLOWED_ORIGINS lists a site without TLS: who is on its way can act as its visitors.",
                id="scheduler.W009",
            ),
        ),
        (
            settings.SMS_CHANNEL == "console",
            checks.Warning(
                "SMS_CHANNEL is console: telephone numbers and links are printed, and no text message is sent.",
                id="scheduler.W010",
            ),
        ),
    )


def _those_that_hold(*rules: tuple[bool, checks.CheckMessage]) -> list[checks.CheckMessage]:
    return [message for is_wrong, message in rules if is_wrong]


def refuse_to_serve_nonsense() -> None:
    """End the process if ``check_settings`` finds an error: a server runs no system checks of its own."""
    for message in check_settings():
        if message.is_serious(checks.ERROR):
            # Each message begins with the variable's name.
            name, _space, problem = message.msg.partition(" ")
            refuse(name, problem.rstrip("."))


def register_checks() -> None:
    """Make them known to ``manage.py check``."""
    checks.register(check_settings, checks.Tags.compatibility)
    checks.register(check_deployment, checks.Tags.security, deploy=True)
