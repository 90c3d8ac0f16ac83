"""Settings are changed in the environment, where nobody is asked who he is; that they changed is written down."""

import hashlib
import json
import logging
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from redis.exceptions import RedisError

from accounts import audit

VERB = "scheduler.settings.changed"
POLICY = (
    *("BOOKING_MIN_NOTICE_MINUTES", "BOOKING_HORIZON_DAYS", "CANCELLATION_NOTICE_HOURS", "HOLD_MINUTES"),
    *("MAX_UPCOMING_PER_PATIENT", "MAX_ANONYMOUS_HOLDS_PER_DOCTOR", "ACCESS_TOKEN_LIFETIME", "REFRESH_TOKEN_LIFETIME"),
    *("IDLE_MINUTES_STAFF", "IDLE_MINUTES_PATIENTS", "SESSION_HOURS", "MFA_REQUIRED_ROLES", "INVITATION_DAYS"),
    *("RECORD_WRITING_DAYS", "EMERGENCY_ACCESS_MINUTES"),
    "REMINDER_HOURS_BEFORE",
    *("DEBUG", "SITE_URL", "ALLOWED_HOSTS", "CORS_ALLOWED_ORIGINS", "TRUSTED_PROXIES", "THROTTLE_FACTOR"),
)
"""What decides who may do what, how often and until when. No secret is among it."""

logger = logging.getLogger(__name__)


def note() -> None:
    """Compare the policy with what was last written down, and write down what differs; for a server that starts.

    Of several processes that start together one does it. Without a database there is nothing to be done: the server
    starts all the same, and answers that it is not ready.
    """
    policy = {name: _plain(getattr(settings, name)) for name in POLICY if hasattr(settings, name)}
    digest = hashlib.sha256(json.dumps(policy, sort_keys=True).encode()).hexdigest()
    try:
        if not cache.add(f"policy:{digest}", True, 60):
            return
        known = audit.last_values(VERB)
        changes = {name: [known.get(name), value] for name, value in policy.items() if known.get(name) != value}
        if changes:
            audit.record(VERB, by="server", changes=changes)
    except (DatabaseError, RedisError, OSError) as error:
        logger.warning("It could not be noted whether settings changed: %s", type(error).__name__)


def _plain(value: Any) -> Any:
    """As it comes back from the trail."""
    if isinstance(value, list | tuple | set | frozenset):
        return sorted(map(str, value))
    return value if isinstance(value, bool | int) else str(value)
