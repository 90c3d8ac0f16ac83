"""What the API's lists can be narrowed by."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from accounts import patient_search
from accounts.models import Patient
from accounts.models.patient import PatientQuerySet
from clinic import directory, instants
from clinic.models import Appointment, AppointmentQuerySet, Approval, Availability, Department, Doctor, Site, Status
from clinic.models.doctor import DoctorQuerySet
from clinic.models.hours import ExceptionKind, ScheduleException, Weekday, WeeklyHours
from clinic.models.organisation import DepartmentQuerySet
from clinic.slots import Span

LONGEST_SEARCH = 100


class DoctorFilters(filters.FilterSet):
    """Of doctors; an id that does not exist finds none."""

    specialty = filters.UUIDFilter("specialties", label=_("A specialty's id."))
    department = filters.UUIDFilter(method="in_department", label=_("A department's id."))
    site = filters.UUIDFilter(method="at_site", label=_("A site's id."))
    status = filters.ChoiceFilter(choices=Availability.choices, label=_("Whether online bookings are taken now."))
    approval = filters.ChoiceFilter(
        choices=Approval.choices, label=_("Administrators find by it who is not in the directory, too.")
    )
    language = filters.CharFilter(method="speaks", max_length=LONGEST_SEARCH, label=_("A language spoken."))
    search = filters.CharFilter(
        method="answers_to",
        max_length=LONGEST_SEARCH,
        label=_("Words of the name, the specialty, the department or the visit; all must be found."),
    )

    class Meta:
        model = Doctor
        fields: tuple[str, ...] = ()

    def in_department(self, doctors: DoctorQuerySet, _name: str, department: Any) -> QuerySet[Doctor]:
        """Doctors of a department that is open."""
        return doctors.of(department)

    def at_site(self, doctors: DoctorQuerySet, _name: str, site: Any) -> QuerySet[Doctor]:
        """Doctors with hours there."""
        return doctors.at(site)

    def speaks(self, doctors: DoctorQuerySet, _name: str, language: str) -> QuerySet[Doctor]:
        """Doctors who name it."""
        return doctors.speaking(language)

    def answers_to(self, doctors: DoctorQuerySet, _name: str, words: str) -> QuerySet[Doctor]:
        """Doctors whom the words describe."""
        return directory.matching(doctors, words)


class DepartmentFilters(filters.FilterSet):
    """Of departments."""

    is_active = filters.ChoiceFilter(
        choices=[("true", _("yes")), ("false", _("no"))],
        method="being_open",
        label=_("Administrators find by it those that are closed, too."),
    )

    class Meta:
        model = Department
        fields: tuple[str, ...] = ()

    def being_open(self, departments: DepartmentQuerySet, _name: str, said: str) -> QuerySet[Department]:
        """Those that are open, or those that are not."""
        return departments.filter(is_active=said == "true")


class PatientFilters(filters.FilterSet):
    """Of the patients whom one may see."""

    search = filters.CharFilter(
        method="described",
        max_length=LONGEST_SEARCH,
        label=_("Words of the name; a telephone number, or part of one; a date of birth (1980-05-03 or 3.5.1980)."),
    )

    class Meta:
        model = Patient
        fields: tuple[str, ...] = ()

    def described(self, patients: PatientQuerySet, _name: str, words: str) -> PatientQuerySet:
        """Patients whom the words describe."""
        return patient_search.matching(patients, words)


class MomentFormField(forms.CharField):
    """A day or an instant with its offset."""

    def clean(self, value: Any) -> date | datetime | None:
        """None for no value."""
        text = super().clean(value)
        return instants.parse_moment(text) if text else None


@extend_schema_field({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]})
class MomentFilter(filters.Filter):
    """By a day or an instant."""

    field_class = MomentFormField


class InstantFormField(MomentFormField):
    """An instant with its offset."""

    def clean(self, value: Any) -> datetime | None:
        """None for no value; ValidationError for a day."""
        moment = super().clean(value)
        if moment is not None and not isinstance(moment, datetime):
            raise ValidationError(_("Give a time such as 2027-03-01T09:30:00+01:00."), code="bad_instant")
        return moment


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantFilter(filters.Filter):
    """By an instant."""

    field_class = InstantFormField


class AppointmentFilters(filters.FilterSet):
    """Of the appointments that one may see; an id that does not exist, or is not one's to know, finds none."""

    doctor = filters.UUIDFilter("doctor", label=_("A doctor's id."))
    patient = filters.UUIDFilter("patient", label=_("A patient's id."))
    status = filters.ChoiceFilter(
        choices=[choice for choice in Status.choices if choice[0] != Status.HELD], label=_("Where it stands.")
    )
    when = filters.ChoiceFilter(
        choices=[("upcoming", _("upcoming")), ("past", _("past"))],
        method="lying",
        label=_("`upcoming`: not over and not given up, the next first. `past`: the others, the latest first."),
    )
    updated_after = InstantFilter(
        method="changed_after", label=_("Changed later than this instant; in the order of the changes.")
    )

    class Meta:
        model = Appointment
        fields: tuple[str, ...] = ()

    def lying(self, appointments: AppointmentQuerySet, _name: str, where: str) -> AppointmentQuerySet:
        """Before us or behind us."""
        now = timezone.now()
        return appointments.upcoming(now) if where == "upcoming" else appointments.past(now)

    def changed_after(self, appointments: AppointmentQuerySet, _name: str, instant: datetime) -> QuerySet[Appointment]:
        """For those who keep a copy."""
        return appointments.filter(updated_at__gt=instant).order_by("updated_at", "id")

    def starting_from(
        self, appointments: AppointmentQuerySet, _name: str, moment: date | datetime
    ) -> QuerySet[Appointment]:
        """Those that start then or later."""
        return appointments.filter(_at_its_site("starts_at__gte", moment))

    def starting_before(
        self, appointments: AppointmentQuerySet, _name: str, moment: date | datetime
    ) -> QuerySet[Appointment]:
        """Those that start earlier."""
        return appointments.filter(_at_its_site("starts_at__lt", moment))


# No attribute of a class can be called "from".
AppointmentFilters.base_filters |= {
    "from": MomentFilter(
        "starts_at", method="starting_from", label=_("Starting then or later: a day of its site, or an instant.")
    ),
    "to": MomentFilter(
        "starts_at", method="starting_before", label=_("Starting earlier: a day of its site, or an instant.")
    ),
}


class HoursFilters(filters.FilterSet):
    """Of weekly hours; an id that does not exist finds none."""

    doctor = filters.UUIDFilter("doctor", label=_("A doctor's id."))
    site = filters.UUIDFilter("site", label=_("A site's id."))
    weekday = filters.ChoiceFilter(choices=Weekday.choices, label=_("0 is Monday."))

    class Meta:
        model = WeeklyHours
        fields: tuple[str, ...] = ()


class ExceptionFilters(filters.FilterSet):
    """Of time off and extra hours; an id that does not exist finds none."""

    doctor = filters.UUIDFilter("doctor", label=_("A doctor's id."))
    site = filters.UUIDFilter("site", label=_("A site's id."))
    kind = filters.ChoiceFilter(choices=ExceptionKind.choices, label=_("What it is."))

    class Meta:
        model = ScheduleException
        fields: tuple[str, ...] = ()

    def ending_after(self, exceptions: Any, _name: str, moment: date | datetime) -> Any:
        """Those not over by then."""
        return exceptions.filter(ends_at__gt=Span(moment, moment).anywhere()[0])

    def starting_before(self, exceptions: Any, _name: str, moment: date | datetime) -> Any:
        """Those begun by then."""
        return exceptions.filter(starts_at__lt=Span(moment, moment).anywhere()[1])


ExceptionFilters.base_filters |= {
    "from": MomentFilter("ends_at", method="ending_after", label=_("Not over then: a day anywhere, or an instant.")),
    "to": MomentFilter("starts_at", method="starting_before", label=_("Begun before: a day anywhere, or an instant.")),
}


def _at_its_site(comparison: str, moment: date | datetime) -> Q:
    """The comparison with an instant, or with the midnight at which the day begins at each appointment's own site."""
    if isinstance(moment, datetime):
        return Q(**{comparison: moment})
    found = Q(pk__in=[])
    for site in {site.time_zone: site for site in Site.objects.public()}.values():
        found |= Q(site__time_zone=site.time_zone, **{comparison: Span(moment, moment).at(site.zone)[0]})
    return found
