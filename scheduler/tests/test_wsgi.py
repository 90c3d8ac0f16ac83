"""The WSGI application in front of Django."""

import pytest
from django.test import RequestFactory

from scheduler import wsgi

BROKEN = "application/x-www-form-urlencoded; charset*=utf-8''a%00"


def test_content_type_that_django_cannot_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="null"):
        RequestFactory().post("/", b"x", content_type=BROKEN)
    monkeypatch.setattr(wsgi, "note_once", lambda: None)
    monkeypatch.setattr(wsgi, "django", lambda environ, _start: [environ["CONTENT_TYPE"].encode()])

    assert wsgi.application({"CONTENT_TYPE": BROKEN}, None) == [b"application/octet-stream"]
    assert wsgi.application({"CONTENT_TYPE": "application/json"}, None) == [b"application/json"]
