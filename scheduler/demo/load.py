"""The whole demo, in one transaction."""

from datetime import datetime
from random import Random

from django.db import transaction

from accounts.models import User
from clinic.models import Availability
from scheduler.demo.directory import make_directory
from scheduler.demo.doctors import OCCUPIED, make_doctors
from scheduler.demo.logins import addresses, change_password, make_staff
from scheduler.demo.patients import make_patients
from scheduler.demo.visits import make_visits


@transaction.atomic
def load(*, password: str, seed: int, now: datetime) -> int:
    """Make the clinic as of ``now``, the same for the same ``seed`` and day; the number of appointments made.

    Where one of the demo's accounts is there already, nothing is added, and the number is 0.
    """
    if User.objects.filter(email__in=addresses()).exists():
        return 0
    rng = Random(seed)  # noqa: S311  made-up people, not secrets
    directory = make_directory()
    doctors = make_doctors(directory, now)
    patients = make_patients(rng, now)
    made = make_visits(doctors, patients, make_staff(), rng, now)
    occupied = doctors[OCCUPIED - 1]
    occupied.status = Availability.OCCUPIED
    occupied.save(update_fields=["status", "updated_at"])
    change_password(password)
    return made
