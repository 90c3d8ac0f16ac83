"""Many who want the same few times at once: how much gets booked, and what the lock before the INSERT buys.

A plain INSERT under an exclusion constraint deadlocks: each of two waits for the other to decide. With the doctor's row
locked first one waits for the other, and that is all.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from accounts.models import Patient, User
from clinic import booking, slots
from clinic.models import Appointment, Doctor
from clinic.slots import Slot

CLIENTS, TIMES = 8, 12
Attempt = Callable[[Slot, Patient], None]


def hold(seconds: float) -> None:
    """CLIENTS book and cancel the same TIMES times: by the verbs, then by plain INSERTs with and without a lock."""
    print(f"\n{CLIENTS} clients on {TIMES} times of one doctor, {seconds:g} s each:")
    if not connection.features.has_select_for_update:
        print("  this database lets one write at a time; nothing to compare")
        return
    staff = User.objects.get(email="reception@example.org")
    attempts: dict[str, Attempt] = {
        "booked and cancelled by the verbs": partial(_by_verb, staff),
        "plain INSERT, doctor's row locked": partial(_by_insert, True),
        "plain INSERT, nothing locked": partial(_by_insert, False),
    }
    for name, attempt in attempts.items():
        counts = _contest(attempt, seconds)
        refused = f"{counts['refused']:8} refused {counts['deadlocks']:6} deadlocks"
        print(f"  {name:36}{counts['done'] / seconds:8.0f}/s {refused}")


def _by_verb(staff: User, slot: Slot, patient: Patient) -> None:
    now = timezone.now()
    booked = booking.book(doctor=slot.doctor, patient=patient, starts_at=slot.starts_at, by=staff, now=now)
    booking.cancel(booked, by=staff, now=now, reason="benchmark")


def _by_insert(is_locked: bool, slot: Slot, patient: Patient) -> None:
    times = {"starts_at": slot.starts_at, "ends_at": slot.ends_at}
    times |= {"occupied_from": slot.starts_at, "occupied_until": slot.ends_at}
    with transaction.atomic():
        if is_locked:
            Doctor.objects.select_for_update(no_key=True).values("pk").get(pk=slot.doctor.pk)
        booked = Appointment.objects.create(doctor=slot.doctor, patient=patient, site=slot.site, **times)
    booked.delete()


def _contest(attempt: Attempt, seconds: float) -> Counter[str]:
    doctor = Doctor.objects.get(user__email="doctor1@example.org")
    wanted = slots.first_openings([doctor], now=timezone.now(), count=TIMES)[doctor.pk]
    patients = list(Patient.objects.exclude(user=None).select_related("user").order_by("user__email")[:CLIENTS])
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(_client, attempt, patient, wanted, until) for patient in patients]
        return sum((client.result() for client in clients), Counter())


def _client(attempt: Attempt, patient: Patient, wanted: list[Slot], until: float) -> Counter[str]:
    """One who takes a time at random and gives it back, again and again."""
    counts: Counter[str] = Counter()
    try:
        while time.monotonic() < until:
            try:
                attempt(random.choice(wanted), patient)
                counts["done"] += 1
            except (ValidationError, IntegrityError):
                counts["refused"] += 1
            except OperationalError:
                counts["deadlocks"] += 1
    finally:
        connection.close()
    return counts
