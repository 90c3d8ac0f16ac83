"""``make bench``: what must not grow with the data, measured on a small and on a large clinic in one run.

Options: ``--doctors`` (100), ``--appointments`` of the large clinic (100,000; the small one has a tenth),
``--seconds`` of each contest for the same times (5). It works in a database of its own and drops that afterwards.
"""

import sys
import warnings
from argparse import ArgumentParser
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
django.setup()

# ruff: noqa: E402  models can be imported only after setup
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from benchmarks import contest, questions
from scheduler import demo

# Pages name their static files, which nobody has collected here.
STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def main() -> None:
    """Make the clinics, ask, and print one table and one contest."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--doctors", type=int, default=100)
    parser.add_argument("--appointments", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    warnings.filterwarnings("ignore", "No directory at")  # of static files
    with redirect_stdout(StringIO()):  # "Cache table already exists", whatever the verbosity
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with override_settings(STORAGES=STORAGES):
            measure(options.doctors, options.appointments, options.seconds)
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


def measure(doctors: int, appointments: int, seconds: float) -> None:
    """All measurements, small clinic first."""
    now = timezone.now()
    demo.load(password="clinic-demo-1", seed=1, now=now)  # noqa: S106  nobody signs in with it
    answers = []
    for size in (appointments // 10, appointments):
        print(f"{doctors} doctors, {size:,} past appointments ...", flush=True)
        demo.enlarge(doctors=doctors, appointments=size, password_hash="!", seed=1, now=now)  # noqa: S106
        answers.append(questions.ask_all())
    questions.print_table(*answers, sizes=(appointments // 10, appointments))
    contest.hold(seconds)


if __name__ == "__main__":
    main()
