"""With REDIS_URL the cache, and with it every throttle's counter, lives in Redis."""

import pytest
import redis
from django.conf import settings
from django.core.cache import cache, caches

pytestmark = pytest.mark.serial


def test_counters_are_shared_when_redis_is_there() -> None:
    cache.set("visits", 1, timeout=60)

    caches.create_connection("default").incr("visits")

    assert cache.get("visits") == 2
    keys = redis.Redis.from_url(settings.REDIS_URL).keys("*visits*")
    assert len(keys) == 1
