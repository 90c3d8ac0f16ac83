from typing import Any

import pytest
from rest_framework import serializers

from accounts.api.strict import Day, Email, Password, Phone, Text


class Everything(serializers.Serializer[Any]):
    """One field of each kind."""

    text = Text(required=False)
    email = Email(required=False)
    password = Password(required=False)
    phone = Phone(required=False)
    day = Day(required=False)


@pytest.mark.parametrize("field", ["text", "email", "password", "phone", "day"])
@pytest.mark.parametrize("value", [0, 1.5, True, [], {}, ["a"], None], ids=repr)
def test_strict_fields_take_text_alone(field: str, value: Any) -> None:  # case 145
    told = Everything(data={field: value})

    assert not told.is_valid()
    assert list(told.errors) == [field]


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("text", " Alice ", "Alice"),
        ("email", " alice@example.org ", "alice@example.org"),
        ("password", " a b ", " a b "),
        ("phone", "030 1234567", "+49301234567"),
        ("day", "1990-05-17", "1990-05-17"),
    ],
)
def test_strict_fields_keep_what_was_told(field: str, value: str, kept: str) -> None:
    told = Everything(data={field: value})

    assert told.is_valid()
    assert str(told.validated_data[field]) == kept


@pytest.mark.parametrize(
    "day", ["1990-5-17", "19900517", "1990-W20-4", "1990-137", "1990-05-17T00:00", "1990-02-30", "٢٠٢٧-٠١-٠١", "today"]
)
def test_day_is_written_in_one_way(day: str) -> None:  # case 150
    told = Everything(data={"day": day})

    assert not told.is_valid()
    assert told.errors["day"][0].code == "invalid"
