"""What must be true of every refusal: it says which it is, and nothing has changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.models import Appointment, ToBeMoved


def everything() -> list[list[dict[str, Any]]]:
    """Every row that a verb of booking might write, hold or appointment."""
    return [list(model.objects.order_by("pk").values()) for model in (Appointment, ToBeMoved)]


def code_of(error: ValidationError) -> str | None:
    """The first code of a refusal."""
    return next(iter(error.error_dict.values()))[0].code if hasattr(error, "error_dict") else error.code


@contextmanager
def refused(code: str, *, field: str | None = None) -> Iterator[pytest.ExceptionInfo[ValidationError]]:
    """Expect *not so*, with this code, at this field if one is named; and not the least change."""
    before = everything()
    with pytest.raises(ValidationError) as refusal:
        yield refusal
    assert code_of(refusal.value) == code
    if field is not None:
        assert set(refusal.value.error_dict) == {field}
    assert everything() == before


@contextmanager
def denied() -> Iterator[None]:
    """Expect *not you*; and not the least change."""
    before = everything()
    with pytest.raises(PermissionDenied):
        yield
    assert everything() == before
