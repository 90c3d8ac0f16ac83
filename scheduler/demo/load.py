"""The whole demo, in one transaction."""

from datetime import datetime
from random import Random

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Message, User
from scheduler.demo.care import make_care
from scheduler.demo.directory import make_directory
from scheduler.demo.doctors import make_doctors, mark_occupied
from scheduler.demo.logins import addresses, change_password, make_staff
from scheduler.demo.patients import make_patients
from scheduler.demo.visits import make_visits


@transaction.atomic
def load(*, password: str, seed: int, now: datetime) -> int:
    """Make the clinic as of ``now``, the same for the same ``seed`` and day; the number of appointments made.

    Where its accounts are there already, nothing is added, and the number is 0. ValidationError
    (``demo_incomplete``) where only some are: somebody else has the others' addresses.
    """
    known = User.objects.filter(email__in=addresses()).count()
    if known == len(addresses()):
        return 0
    if known:
        raise ValidationError("Some of the demo's accounts exist, but not all.", code="demo_incomplete")
    before = list(Message.objects.values_list("pk", flat=True))
    rng = Random(seed)  # noqa: S311  made-up people, not secrets
    front_desk, admin = make_staff()
    doctors = make_doctors(make_directory(by=admin, now=now), by=admin, now=now)
    patients = make_patients(rng, now)
    made = make_visits(doctors, patients, front_desk, rng, now)
    make_care(made, patients, admin, rng, now)
    mark_occupied(doctors, by=admin, now=now)
    change_password(password)
    # Nobody is to hear of visits that were never booked.
    Message.objects.exclude(pk__in=before).delete()
    return len(made)
