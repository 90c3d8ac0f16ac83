"""The sixty patients: names put together by chance."""

from datetime import date, datetime, timedelta
from random import Random

from accounts import people
from accounts.models import Patient, Role
from scheduler.demo.logins import PATIENTS

# fmt: off
FIRST_NAMES = (
    "Ada", "Bela", "Caspar", "Delia", "Emre", "Fenja", "Gideon", "Hanne", "Ilias", "Jorinde", "Kofi", "Linnea", "Mateo",
    "Nuria", "Oskar", "Paloma", "Quentin", "Rosalie", "Soren", "Talia", "Ulla", "Viktor", "Wanda", "Yara", "Zeno",
    "Aylin", "Bruno", "Carlotta", "Dmitri", "Esther",
)
LAST_NAMES = (
    "Abelmann", "Birkhoff", "Castellane", "Drewniak", "Eichengrund", "Fairweather", "Grunewalder", "Hollis",
    "Iversholm", "Jurkovic", "Kestrelman", "Lindqvist-Roe", "Marchbanks", "Nordhausen", "Oyelaran", "Pennyfeather",
    "Quillfeldt", "Rosenbrook", "Stavridou", "Tannenbaumer", "Umlauft", "Vasconcelo", "Wetherall", "Yildirak",
    "Zandbergen", "Ashgrove", "Bellweather", "Coppersmith", "Dunmorrow", "Elderfield",
)
# fmt: on
INSURERS = ("Linden Health", "Northway Mutual", "Harbour Care", "Fairfield Insurance")


def make_patients(rng: Random, now: datetime) -> list[Patient]:
    """patient1 to patient60, grown up, each with an account."""
    return [_make_patient(number, rng, now.date()) for number in range(1, PATIENTS + 1)]


def _make_patient(number: int, rng: Random, today: date) -> Patient:
    user = people.appoint(
        email=f"patient{number}@example.org",
        password=None,
        first_name=rng.choice(FIRST_NAMES),
        last_name=rng.choice(LAST_NAMES),
        role=Role.PATIENT,
        # 0176 040690 00 to 99 are kept for fiction.
        phone=f"+4917604069{number:03}",
    )
    return people.become_patient(
        user,
        date_of_birth=today - timedelta(days=rng.randint(18 * 366, 90 * 365)),
        insurance_provider=rng.choice(INSURERS),
        insurance_number=f"{rng.choice('ABCEHKLM')}{rng.randrange(10**9):09}",
        emergency_contact=f"{rng.choice(FIRST_NAMES)}, +49 30 23125 {number:03}",
    )
