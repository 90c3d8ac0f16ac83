"""What the tests of people share."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.core import context
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import RequestFactory
from rest_framework.test import APIClient


class Clerk(APIClient):
    """A client that knows the addresses of the API."""

    def send(self, path: str, **body: Any) -> Any:
        """POST ``body`` as JSON below /api/v1/."""
        return self.post(f"/api/v1/{path}", body, format="json")


@pytest.fixture
def api() -> Clerk:
    return Clerk()


@pytest.fixture
def fresh_counters(db: None) -> None:
    """Nothing was counted yet. (Redis remembers from test to test; the database's cache is rolled back.)"""
    cache.clear()


@pytest.fixture
def in_request(db: None) -> Iterator[None]:
    """As within a request: allauth's mails ask where they come from."""
    with context.request_context(RequestFactory().post("/")):
        yield


@pytest.fixture
def hashings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with each password that is hashed, to be stored or to be compared."""
    done: list[str] = []
    plain = MD5PasswordHasher.encode

    def encode(self: MD5PasswordHasher, password: str, salt: str) -> str:
        done.append(password)
        return plain(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    return done
