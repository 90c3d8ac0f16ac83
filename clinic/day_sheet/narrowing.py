"""Which visits are on the sheet, and which of them are asked for."""

from datetime import date, datetime, timedelta

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts import patient_search
from accounts.models import Patient, User
from clinic.displacement.flags import is_flagged
from clinic.models import Appointment, AppointmentQuerySet, Site, Status
from clinic.slots import Span

A_DAY = timedelta(days=1)


class Only(TextChoices):
    """Visits in one state; the desk's words for it."""

    EXPECTED = "expected", _("Expected")
    LATE = "late", _("Late")
    WAITING = "waiting", _("Waiting")
    IN_PROGRESS = "in_progress", _("With the doctor")
    DONE = "done", _("Done")
    NO_SHOW = "no_show", _("Did not come")
    CANCELLED = "cancelled", _("Cancelled")
    TO_BE_MOVED = "to_be_moved", _("To be moved")


def is_in(state: Only, now: datetime) -> Q:
    """The visits that are in ``state`` at ``now``."""
    late = Q(status=Status.SCHEDULED, starts_at__lt=now)
    return {
        Only.EXPECTED: Q(status=Status.SCHEDULED),
        Only.LATE: late,
        Only.WAITING: Q(status=Status.ARRIVED),
        Only.IN_PROGRESS: Q(status=Status.IN_PROGRESS),
        Only.DONE: Q(status=Status.COMPLETED),
        Only.NO_SHOW: Q(status=Status.NO_SHOW),
        Only.CANCELLED: Q(status=Status.CANCELLED),
        Only.TO_BE_MOVED: Q(is_flagged()),
    }[state]


def of_day(by: User, site: Site, day: date) -> AppointmentQuerySet:
    """The visits that begin on ``day`` of the site's clock, of those that ``by`` may see."""
    start, end = Span(day, day + A_DAY).at(site.zone)
    return Appointment.objects.visible_to(by).filter(site=site, starts_at__gte=start, starts_at__lt=end)


def narrowed(
    visits: AppointmentQuerySet, by: User, *, now: datetime, only: str = "", words: str = ""
) -> AppointmentQuerySet:
    """Those of ``visits`` in the state ``only`` (of Only; any other word is none) whose patient the words describe.

    The words are those of :func:`accounts.patient_search.matching`: name, telephone number, date of birth.
    """
    if only in Only:
        visits = visits.filter(is_in(Only(only), now))
    if words.strip():
        # Of the day's patients alone: the words are compared with some hundreds of names, not with all.
        of_the_day = Patient.objects.visible_to(by).filter(pk__in=visits.order_by().values("patient"))
        found = patient_search.matching(of_the_day, words).values_list("pk", flat=True)
        visits = visits.filter(patient__in=list(found))
    return visits
