"""What the doctors wrote: charts and records of some past visits, by the verbs, at the times of then."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import cycle
from random import Random

from accounts.models import Patient, User
from clinic.models import Appointment, Doctor, Status
from records import charting, emergency
from records.access import grants
from records.models import BloodType, Chart, MedicalRecord

WRITTEN = 30
"""Visits of which there is a record, those of the first patients."""
CHARTED = 12
BY_REASON = {
    "Cough that does not go away": (
        "Acute bronchitis, no sign of pneumonia.",
        "Ambroxol 30 mg, three times a day for five days.",
        "Lungs clear. Come back if there is fever, or if it lasts for more than two weeks.",
    ),
    "Question about my medicines": (
        "Arterial hypertension, well controlled.",
        "Ramipril 5 mg, once in the morning, as before.",
        "128/82 mmHg at home on average. Ankles not swollen. Blood values in three months.",
    ),
    "Pain in the left knee when climbing stairs": (
        "Patellofemoral pain, left.",
        "Ibuprofen 400 mg if needed, with food. Physiotherapy, six times.",
        "No effusion, ligaments stable. Bicycle rather than stairs.",
    ),
    "Itching rash on the forearm": (
        "Contact dermatitis, probably nickel.",
        "Hydrocortisone cream 1 %, thinly, twice a day for a week.",
        "Since a new watch. Patch test if it comes back without it.",
    ),
    "Travel vaccination": (
        "",
        "Hepatitis A vaccine, first dose.",
        "Left upper arm, well tolerated. Second dose in six to twelve months.",
    ),
    "Headaches": (
        "Tension-type headache.",
        "Paracetamol 500 mg if needed, on no more than ten days a month.",
        "Neurologically unremarkable. Keep a diary of the headaches for four weeks.",
    ),
    "Check-up after last month's visit": (
        "Recovered.",
        "",
        "No complaints any more. No further appointment needed.",
    ),
}
OTHERWISE = ("No pathological findings.", "", "Routine visit. Advised to walk more and to drink enough.")
ALLERGIES = ("Penicillin (rash)", "None known", "Birch pollen", "None known", "Hazelnuts", "Iodine contrast media")
HISTORIES = ("Appendectomy in 2009.", "", "Hypertension since 2016.", "Asthma as a child.", "", "Migraine.")


def make_care(visits: Iterable[Appointment], patients: list[Patient], admin: User, rng: Random, now: datetime) -> None:
    """Charts and records of ``visits`` that took place; with them drafts, an amendment, requests, and two charts that
    were opened in an emergency. Grants of visits that were missed are taken."""
    # Their states were written without a verb, so nobody was told.
    grants.repair(grants.differences(), by="load_demo")
    number = {patient: index for index, patient in enumerate(patients)}
    came = [(number[visit.patient], visit) for visit in visits if visit.patient and visit.status == Status.COMPLETED]
    seen = [visit for _number, visit in sorted(came, key=lambda pair: (pair[0], pair[1].starts_at))]
    written = [_write(visit, index, now) for index, visit in enumerate(seen[:WRITTEN])]
    _make_charts(seen, rng)
    _ask(written)
    _open(seen, admin, now)


def _write(visit: Appointment, index: int, now: datetime) -> MedicalRecord:
    """By its doctor towards its end; every sixth is a draft still, and one in ten was amended the day after."""
    doctor, at = visit.doctor.user, visit.ends_at - timedelta(minutes=5)
    names = ("diagnosis", "prescription", "notes")
    texts = dict(zip(names, BY_REASON.get(visit.reason, OTHERWISE), strict=True))
    record = charting.write(visit, by=doctor, now=at, **texts)
    if index % 6 == 5:
        return record
    record = charting.sign(record, by=doctor, now=visit.ends_at)
    if index % 10 == 2 and visit.ends_at + timedelta(days=1) < now:
        notes = f"{texts['notes']} Told by telephone that the laboratory found nothing."
        reason = "The laboratory's results came in."
        return charting.change(record, by=doctor, now=visit.ends_at + timedelta(days=1), reason=reason, notes=notes)
    return record


def _make_charts(seen: list[Appointment], rng: Random) -> None:
    """For the first patients, by the doctor of each one's first visit."""
    known = zip(_firsts(seen), cycle(ALLERGIES), cycle(HISTORIES), range(CHARTED), strict=False)
    for visit, allergies, history, _number in known:
        charting.update_chart(
            Chart(pk=visit.patient_id),
            by=visit.doctor.user,
            now=visit.starts_at + timedelta(minutes=2),
            blood_type=rng.choice(BloodType.values),
            allergies=allergies,
            medical_history=history,
        )


def _firsts(seen: list[Appointment]) -> Iterator[Appointment]:
    met = set()
    for visit in seen:
        if visit.patient_id not in met:
            met.add(visit.patient_id)
            yield visit


def _ask(written: list[MedicalRecord]) -> None:
    """Two patients asked for something to be put right: one has an answer, the other waits."""
    signed = [record for record in written if record.signed_at]
    for record, is_answered in zip(signed[3:5], (True, False), strict=False):
        patient, later = record.chart.patient.user, record.written_at + timedelta(hours=3)
        assert patient is not None
        text = "It had lasted for three weeks, not two." if is_answered else "Please add that my mother had the same."
        asked = charting.ask_to_amend(record, by=patient, now=later, text=text)
        if is_answered:
            why = "My notes of that day say two weeks. What you say now stands here beside them."
            doctor, then = record.doctor.user, later + timedelta(hours=2)
            charting.answer(asked, by=doctor, now=then, amend=False, explanation=why)


def _open(seen: list[Appointment], admin: User, now: datetime) -> None:
    """Charts of the first patients by a doctor who treats neither: the first reviewed, the other to be."""
    firsts = list(_firsts(seen))[:2]
    treating = {visit.doctor_id for visit in seen if visit.patient_id in {first.patient_id for first in firsts}}
    stranger = Doctor.objects.exclude(pk__in=treating).select_related("user").order_by("user__email").first()
    if stranger is None:
        return
    for visit, days in zip(firsts, (6, 1), strict=False):
        assert visit.patient_id is not None
        opened = emergency.open_chart(
            visit.patient_id,
            by=stranger.user,
            now=now - timedelta(days=days),
            reason="Fainted in the waiting room; allergies had to be known at once.",
        )
        if days > 1:
            word = "Asked the doctor; the front desk remembers it."
            emergency.review(opened, by=admin, now=now - timedelta(days=days - 1), review=word)
