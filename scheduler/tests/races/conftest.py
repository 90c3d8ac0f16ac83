"""A clinic in UTC whose doctor works every day, twenty signed-in patients, and the product on a port of its own."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.models import Role, User
from accounts.tests.factories import make_patient, make_user
from clinic.models import Doctor, Site, VisitType
from clinic.tests.factories import make_doctor, make_hours, make_site, make_visit_type
from scheduler.tests.races import server
from scheduler.tests.races.clients import EVERY_DAY, Client

# A line for each of thousands of requests would hide whatever goes wrong.
logging.getLogger("httpx").setLevel(logging.WARNING)


REMEMBERED = {"django_content_type", "auth_permission"}


@pytest.fixture(scope="session", autouse=True)
def what_the_server_remembers_stays() -> Iterator[None]:
    """Emptying the database between tests gives kinds and permissions other ids, and the product, which runs on, knows
    the old ones by heart."""
    operations = type(connection.ops)
    flush = operations.sql_flush

    def spare(self: Any, style: Any, tables: Any, **options: Any) -> Any:
        return flush(self, style, [table for table in tables if table not in REMEMBERED], **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", spare)
        yield


@pytest.fixture(scope="session")
def address(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product, started once for all races."""
    with server.running(Path(tmp_path_factory.mktemp("gunicorn")) / "log") as url:
        yield url


@pytest.fixture
def crew() -> Iterator[ThreadPoolExecutor]:
    """Forty threads."""
    with ThreadPoolExecutor(40) as executor:
        yield executor


@pytest.fixture
def visits(transactional_db: None) -> tuple[VisitType, VisitType]:
    """Of 30 and of 45 minutes."""
    return make_visit_type(minutes=30), make_visit_type(minutes=45)


@pytest.fixture
def everywhere(transactional_db: None) -> Site:
    """A site in UTC."""
    return make_site(time_zone="UTC")


@pytest.fixture
def doctor(everywhere: Site, visits: tuple[VisitType, VisitType]) -> Doctor:
    """One whose visits begin every quarter of an hour."""
    doctor = make_doctor(visit_types=visits)
    make_hours(doctor, everywhere, slot_minutes=15, **EVERY_DAY)
    return doctor


@pytest.fixture
def other_doctor(everywhere: Site, visits: tuple[VisitType, VisitType]) -> Doctor:
    """Another."""
    doctor = make_doctor(visit_types=visits)
    make_hours(doctor, everywhere, slot_minutes=15, **EVERY_DAY)
    return doctor


@pytest.fixture
def patients(address: str, transactional_db: None) -> Iterator[Callable[[int], list[Client]]]:
    """Signs in as many patients as are asked for."""
    made: list[Client] = []

    def sign_in(number: int) -> list[Client]:
        while len(made) < number:
            patient = make_patient()
            made.append(Client.sign_in(address, patient.user, patient))
        return made[:number]

    yield sign_in
    for client in made:
        client.http.close()


@pytest.fixture
def reception(address: str, transactional_db: None) -> Iterator[Client]:
    """A receptionist, signed in."""
    user: User = make_user(Role.RECEPTIONIST)
    client = Client.sign_in(address, user)
    yield client
    client.http.close()
