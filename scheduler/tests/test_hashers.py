"""How passwords are kept: by the hashers of the settings, which the other tests replace by a cheap one."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.test import override_settings

from scheduler import settings as product


@pytest.fixture(autouse=True)
def hashers() -> Iterator[None]:
    """As in production."""
    with override_settings(PASSWORD_HASHERS=product.PASSWORD_HASHERS):
        yield


def test_make_password_takes_argon2() -> None:
    stored = make_password("clinic-demo-1")

    assert stored.startswith("argon2$argon2id$")
    assert "clinic-demo-1" not in stored
    assert stored != make_password("clinic-demo-1")


def test_check_password_of_another_system_asks_for_a_new_hash() -> None:
    elsewhere = make_password("clinic-demo-1", hasher="pbkdf2_sha256")
    renewed: list[str] = []

    assert check_password("clinic-demo-1", elsewhere, setter=renewed.append)
    assert renewed == ["clinic-demo-1"]
    assert not check_password("clinic-demo-2", elsewhere)
