"""Who the twelve doctors are and when they work. Their bios say what patients ask first."""

from dataclasses import dataclass

DAILY, MON_TO_WED, THU_FRI, WEEKEND = range(5), range(3), (3, 4), (5, 6)
WALK_IN = ("Short consultation", "Consultation", "Vaccination", "Telephone follow-up", "Health check-up")
BY_REFERRAL = ("Consultation", "First visit", "Video consultation", "Minor procedure")


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours on some weekdays at one site, wall clock; starts every ``slot`` minutes."""

    city: str
    weekdays: range | tuple[int, ...]
    starts: str
    ends: str
    slot: int


@dataclass(frozen=True, slots=True)
class Card:
    """One doctor."""

    name: tuple[str, str]
    specialties: tuple[str, ...]
    department: str
    shifts: tuple[Shift, ...]
    visits: tuple[str, ...]
    since: int
    fee: int
    languages: list[str]
    bio: str


CARDS = (
    Card(
        name=("Marlene", "Osterfeld"),
        specialties=("General practice",),
        department="Family Medicine",
        shifts=(
            Shift("Berlin", DAILY, "08:00", "12:00", 15),
            Shift("Berlin", MON_TO_WED, "14:00", "17:00", 15),
        ),
        visits=WALK_IN,
        since=2004,
        fee=45,
        languages=["German", "English"],
        bio="Looks after whole families, some of them in the third generation. Short waits in the early morning.",
    ),
    Card(
        name=("Tomasz", "Wielgorski"),
        specialties=("General practice", "Internal medicine"),
        department="Family Medicine",
        shifts=(
            Shift("Berlin", DAILY, "12:00", "18:00", 30),
            Shift("Berlin", WEEKEND, "10:00", "14:00", 30),
        ),
        visits=WALK_IN,
        since=2012,
        fee=45,
        languages=["German", "Polish", "English"],
        bio="Diabetes, blood pressure and everything that needs patience. Also sees patients at the weekend.",
    ),
    Card(
        name=("Amara", "Okonjo-Hale"),
        specialties=("Cardiology",),
        department="Heart Centre",
        shifts=(
            Shift("Berlin", DAILY, "09:00", "13:00", 60),
            Shift("Berlin", (0, 2), "14:00", "17:00", 60),
        ),
        visits=BY_REFERRAL,
        since=2001,
        fee=120,
        languages=["English", "German", "French"],
        bio="Heart failure and rhythm. Takes an hour for a first conversation and draws what she explains.",
    ),
    Card(
        name=("Joachim", "Brandtner"),
        specialties=("Cardiology", "Internal medicine"),
        department="Heart Centre",
        shifts=(
            Shift("Berlin", MON_TO_WED, "08:30", "12:30", 30),
            Shift("Berlin", THU_FRI, "13:00", "18:00", 30),
        ),
        visits=BY_REFERRAL,
        since=1993,
        fee=110,
        languages=["German"],
        bio="Thirty years of stress tests and long-term recordings. Believes in walking.",
    ),
    Card(
        name=("Elif", "Karahanli"),
        specialties=("Paediatrics",),
        department="Children's Health",
        shifts=(
            Shift("Berlin", DAILY, "08:00", "12:00", 20),
            Shift("Berlin", (1, 3), "14:30", "17:30", 20),
        ),
        visits=("Consultation", "Vaccination", "Video consultation", "Health check-up"),
        since=2015,
        fee=50,
        languages=["German", "Turkish", "English"],
        bio="Vaccinations without tears, mostly. Asthma and allergies in small children are her special field.",
    ),
    Card(
        name=("Henrik", "Solvang-Dahl"),
        specialties=("Dermatology", "Allergology"),
        department="Skin and Allergy",
        shifts=(Shift("Berlin", DAILY, "17:00", "21:00", 20),),
        visits=("Short consultation", "Consultation", "Video consultation", "Minor procedure"),
        since=2010,
        fee=80,
        languages=["German", "Norwegian", "English"],
        bio="Moles, eczema and hay fever, in the evening, for people who work. Removes small things himself.",
    ),
    Card(
        name=("Beatriz", "Quintanar"),
        specialties=("Orthopaedics",),
        department="Bones and Joints",
        shifts=(
            Shift("Berlin", MON_TO_WED, "09:00", "15:00", 30),
            Shift("London", (3,), "10:00", "16:00", 30),
        ),
        visits=BY_REFERRAL,
        since=2008,
        fee=95,
        languages=["Spanish", "German", "English"],
        bio="Knees and hips; operates rarely and late. Comes to London every Thursday.",
    ),
    Card(
        name=("Oliver", "Thackwell"),
        specialties=("General practice",),
        department="Family Medicine",
        shifts=(
            Shift("London", DAILY, "08:00", "13:00", 15),
            Shift("London", (0, 3), "14:00", "18:30", 15),
        ),
        visits=WALK_IN,
        since=1998,
        fee=60,
        languages=["English"],
        bio="A family doctor in the old sense, with a new telephone: many things need no visit.",
    ),
    Card(
        name=("Priya", "Nandakumar-Ellis"),
        specialties=("Gynaecology",),
        department="Women's Health",
        shifts=(
            Shift("London", DAILY, "09:00", "12:30", 30),
            Shift("London", (1, 2), "13:30", "17:00", 30),
        ),
        visits=("Consultation", "First visit", "Video consultation", "Health check-up"),
        since=2006,
        fee=90,
        languages=["English", "Tamil"],
        bio="Screening, contraception and the years of change. Explains before she examines.",
    ),
    Card(
        name=("Naledi", "Mokhatse"),
        specialties=("Paediatrics", "Allergology"),
        department="Children's Health",
        shifts=(
            Shift("London", DAILY, "09:00", "13:00", 20),
            Shift("London", (5,), "09:00", "12:00", 20),
        ),
        visits=("Consultation", "Vaccination", "Video consultation"),
        since=2013,
        fee=70,
        languages=["English", "Zulu"],
        bio="Food allergies and everything that itches. Saturday mornings for children who must not miss school.",
    ),
    Card(
        name=("Lucia", "Ferrandini"),
        specialties=("Dermatology",),
        department="Skin and Allergy",
        shifts=(Shift("London", DAILY, "10:00", "16:00", 20),),
        visits=("Short consultation", "Consultation", "Video consultation", "Minor procedure"),
        since=2017,
        fee=85,
        languages=["English", "Italian"],
        bio="Acne, rosacea and skin that has seen much sun. Follow-ups by video, so that nobody travels for a look.",
    ),
    Card(
        name=("Samuel", "Hardcastle-Ong"),
        specialties=("Orthopaedics",),
        department="Bones and Joints",
        shifts=(Shift("London", MON_TO_WED, "08:30", "16:30", 45),),
        visits=BY_REFERRAL,
        since=1990,
        fee=130,
        languages=["English", "Malay"],
        bio="Backs and shoulders. His list is long; the front desk knows when there is a gap.",
    ),
)
