"""Callers of the API."""

from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User

BASE = "/api/v1/"


class Caller(APIClient):
    """A client that speaks JSON below /api/v1/, with the access token of ``user`` if there is one.

    An error on the server's side is an answer (500), as it is outside tests.
    """

    def __init__(self, user: User | None = None, **headers: Any) -> None:
        super().__init__(raise_request_exception=False)
        if user is not None:
            access = tokens.sign_in(user, now=timezone.now()).access_token
            headers["HTTP_AUTHORIZATION"] = f"Bearer {access}"
        self.credentials(**headers)

    def generic(self, *args: Any, **kwargs: Any) -> Any:
        """Paths are given as the contract gives them: ``slots/``."""
        method, path, *rest = args
        return super().generic(method, path if path.startswith("/") else BASE + path, *rest, **kwargs)


def refusal(answer: Any) -> tuple[int, str]:
    """Status and code of a refused request."""
    assert set(answer.json()) == {"error"}, answer.content
    return answer.status_code, answer.json()["error"]["code"]
