"""From a person's consent to a request with the token, and everything that ends it."""

from typing import Any

import pytest

from accounts.models import Patient
from accounts.tests import integrators
from accounts.tests.integrators import bearing, make_app, make_service, make_web, tokens_for

APPOINTMENTS = "/api/v1/appointments/"


@pytest.mark.parametrize("make", [make_web, make_app])
def test_consent_gives_a_token_that_acts_for_the_person(make: Any, alice: Patient) -> None:
    made = make()

    tokens = tokens_for(alice.user, made)

    answer = bearing(tokens["access_token"]).get(APPOINTMENTS)
    assert answer.status_code == 200
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 900
    assert set(tokens) >= {"refresh_token", "id_token", "scope"}


def test_service_acts_for_its_user(db: None) -> None:
    made = make_service()

    token = integrators.service_token(made)

    assert bearing(token).get(APPOINTMENTS).status_code == 200
