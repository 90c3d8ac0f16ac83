import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from accounts.passwords import LONGEST


def test_validate_password_refuses_what_is_too_long() -> None:  # case 084
    with pytest.raises(ValidationError) as refusal:
        validate_password("x1-" * LONGEST)

    assert [error.code for error in refusal.value.error_list] == ["password_too_long"]


@pytest.mark.parametrize("password", ["x1-Y" * 16, "x1-Y" * 32, "x1-Y" * (LONGEST // 4)], ids=len)
def test_validate_password_takes_long_sentences(password: str) -> None:
    validate_password(password)


def test_rule_is_told_beside_the_field() -> None:
    assert "Your password can have at most 1024 characters." in password_validators_help_texts()
