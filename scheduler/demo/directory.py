"""The clinic's places, departments, specialties and visit types."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from clinic import organisation
from clinic.models import Department, Mode, Site, Specialty, VisitType
from clinic.organisation import Entry

SITES = {
    "Berlin": {
        "name": "Willow Clinic Berlin",
        "address": "Lindenhof 4\n10999 Berlin\nGermany",
        "time_zone": "Europe/Berlin",
        # +49 30 23125 000 to 999 and +44 20 7946 0000 to 0999 are kept for fiction by the two regulators.
        "phone": "+493023125010",
    },
    "London": {
        "name": "Willow Clinic London",
        "address": "27 Osier Walk\nLondon SE1 0ZZ\nUnited Kingdom",
        "time_zone": "Europe/London",
        "phone": "+442079460010",
    },
}
DEPARTMENTS = {
    "Family Medicine": "The first door to knock at: colds, check-ups, vaccinations, long-term conditions.",
    "Heart Centre": "Heart and circulation, from a first suspicion to the years after an operation.",
    "Children's Health": "From birth to the eighteenth birthday.",
    "Women's Health": "Screening, advice and care through all stages of life.",
    "Skin and Allergy": "Skin, hair and nails; hay fever and food allergies.",
    "Bones and Joints": "Back, knees, hips and shoulders; injuries from sport.",
}
SPECIALTIES = (
    "Allergology",
    "Cardiology",
    "Dermatology",
    "General practice",
    "Gynaecology",
    "Internal medicine",
    "Orthopaedics",
    "Paediatrics",
)
CARD = "Please bring your insurance card and a list of the medicines you take."
VISIT_TYPES = {
    "Vaccination": {"minutes": 15, "buffer_after": 5, "instructions": "Please bring your vaccination record."},
    "Short consultation": {"minutes": 15, "instructions": CARD},
    "Telephone follow-up": {
        "minutes": 15,
        "mode": Mode.PHONE,
        "instructions": "We call the number in your profile. Please keep your line free for a quarter of an hour.",
    },
    "Video consultation": {
        "minutes": 20,
        "mode": Mode.VIDEO,
        "instructions": "Choose a quiet room with good light. You need a camera, a microphone and a recent browser.",
    },
    "Consultation": {"minutes": 30, "instructions": CARD},
    "First visit": {
        "minutes": 45,
        "instructions": f"{CARD} Earlier findings and letters help too. Please come ten minutes early.",
    },
    "Minor procedure": {
        "minutes": 45,
        "buffer_before": 10,
        "buffer_after": 15,
        "online_bookable": False,
        "instructions": "Please tell us beforehand if you take blood thinners.",
    },
    "Health check-up": {
        "minutes": 60,
        "buffer_after": 10,
        "instructions": "Please eat and drink nothing but water for eight hours before, and wear loose clothes.",
    },
}


@dataclass(frozen=True, slots=True)
class Directory:
    """What doctors and appointments refer to, by name; sites by their city."""

    sites: dict[str, Site]
    departments: dict[str, Department]
    specialties: dict[str, Specialty]
    visit_types: dict[str, VisitType]


def make_directory(*, by: User, now: datetime) -> Directory:
    """The directory, entered by an administrator; what bears one of its names already is taken as it stands."""

    def entry(kind: type[Entry], name: str, **fields: Any) -> Entry:
        known = kind._default_manager.filter(name=name).first()
        return known or organisation.set_entry(kind(name=name, **fields), by=by, now=now)

    return Directory(
        {city: entry(Site, **fields) for city, fields in SITES.items()},
        {name: entry(Department, name, description=text) for name, text in DEPARTMENTS.items()},
        {name: entry(Specialty, name) for name in SPECIALTIES},
        {name: entry(VisitType, name, **fields) for name, fields in VISIT_TYPES.items()},
    )


def local_midnight(site: Site, now: datetime, *, days: int = 0) -> datetime:
    """Midnight on the site's clock, ``days`` after the day that it shows at ``now``."""
    today = now.astimezone(site.zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    # Aware arithmetic within one zone moves the wall clock, which is what a calendar day is.
    return today + timedelta(days=days)
