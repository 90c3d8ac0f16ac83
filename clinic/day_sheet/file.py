"""The day sheet as a file for spreadsheet programs."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit, sheets
from accounts.models import User
from clinic import when
from clinic.day_sheet.reading import Sheet, Visit, sheet
from clinic.models import Site


@transaction.atomic
def export(
    by: User,
    site: Site,
    day: date,
    *,
    now: datetime,
    doctor: UUID | None = None,
    only: str = "",
    words: str = "",
) -> str:
    """The visits of :func:`clinic.day_sheet.sheet` as CSV, one a row, ordered by doctor and time.

    Times are those of the site's clock. Why anybody comes is not in it. Written down in the audit trail; of the words
    only that there were some. PermissionDenied for all but staff.
    """
    if not (by.is_active and by.is_staff):
        raise PermissionDenied
    found = sheet(by, site, day, now=now, doctor=doctor, only=only, words=words, page=None)
    rows = list(_rows(found))
    told = {"day": day.isoformat(), "doctor": str(doctor or ""), "state": only, "words": bool(words.strip())}
    audit.record("clinic.day_sheet.exported", by=by, on=site, changes=told | {"rows": len(rows)})
    headings = (_("Time"), _("Doctor"), _("Patient"), _("Phone"), _("Visit"), _("State"), _("Overbooked"))
    return sheets.rows_as_csv([headings, *rows])


def _rows(found: Sheet) -> Iterator[tuple[str, ...]]:
    for column in found.columns:
        for entry in column.entries:
            if isinstance(entry, Visit):
                visit = entry.appointment
                yield (
                    when.clock(visit.starts_at, found.site.zone),
                    str(column.doctor),
                    str(visit.patient),
                    str(visit.patient.phone) if visit.patient else "",
                    str(visit.visit_type or ""),
                    visit.get_status_display(),
                    _("Yes") if visit.is_overbooked else "",
                )
