"""An appointment of nobody, nowhere in the database, to show what messages look like."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from accounts.models import Patient, User
from clinic.models import Appointment, Site, Status

NOW = datetime(2027, 2, 22, 8, tzinfo=UTC)
_NOBODY = UUID("00000000-0000-4000-8000-000000000000")
_STARTS_AT = datetime(2027, 3, 1, 8, 30, tzinfo=UTC)

VISIT = Appointment(
    pk=_NOBODY,
    reference="K7M2P4QX",
    patient=Patient(pk=_NOBODY, user=User(pk=_NOBODY, email="somebody@example.org")),
    site=Site(
        pk=_NOBODY,
        name="Berlin Mitte",
        address="Sample Street 1\n10115 Berlin",
        phone="+4930123456",
        time_zone="Europe/Berlin",
    ),
    starts_at=_STARTS_AT,
    ends_at=_STARTS_AT + timedelta(minutes=30),
    status=Status.SCHEDULED,
    created_at=NOW,
    updated_at=NOW,
)
