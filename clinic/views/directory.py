"""Who works here: doctors and departments, for anybody. Nothing is told that is not in the public directory."""

from uuid import UUID

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic import directory, slots
from clinic.forms import DirectoryForm
from clinic.models import Availability, Department, Doctor, VisitType
from clinic.models.doctor import DoctorQuerySet
from clinic.views.openings import Card, by_day
from clinic.views.picker import Picker, with_query

DOCTORS_PER_PAGE = 10
DEPARTMENTS_PER_PAGE = 20
FIRST_TIMES = 3
SHOWN = ("specialties", "weekly_hours__site")
"""What a row shows beside the doctor himself."""


@require_safe
@never_cache
def doctors(request: HttpRequest) -> HttpResponse:
    """All doctors, or those whom the query describes, each with his next free times."""
    form = DirectoryForm(request.GET)
    page = _page(request, form.found())
    return render(request, "clinic/doctors.html", {"form": form, **_listed(page)})


@require_safe
@never_cache
def doctor(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A doctor: what the public knows of him, and his free times; 404 for one who is not in the directory."""
    known = Doctor.objects.public().select_related("user")
    chosen = get_object_or_404(
        known.prefetch_related(
            *SHOWN,
            Prefetch("departments", Department.objects.public()),
            Prefetch("visit_types", VisitType.objects.public()),
        ),
        pk=pk,
    )
    picker = Picker(QueryDict(f"of={chosen.pk}"), now=timezone.now())
    return render(request, "clinic/doctor.html", {"doctor": chosen, "picker": picker, "currency": settings.CURRENCY})


@require_safe
@never_cache
def departments(request: HttpRequest) -> HttpResponse:
    """The departments that are open."""
    in_directory = Count("doctors", filter=Q(doctors__in=Doctor.objects.public()))
    found = Department.objects.public().annotate(doctor_count=in_directory).order_by("name")
    page = Paginator(found, DEPARTMENTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "clinic/departments.html", {"page_obj": page})


@require_safe
@never_cache
def department(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A department and its doctors; 404 for one that is closed."""
    chosen = get_object_or_404(Department.objects.public(), pk=pk)
    page = _page(request, directory.listed(department=chosen))
    return render(request, "clinic/department.html", {"department": chosen, **_listed(page)})


def _page(request: HttpRequest, found: DoctorQuerySet) -> Page[Doctor]:
    """The one that is asked for; any odd page number shows a page that there is."""
    return Paginator(found.prefetch_related(*SHOWN), DOCTORS_PER_PAGE).get_page(request.GET.get("page"))


def _listed(page: Page[Doctor]) -> dict[str, object]:
    """What a list of doctors is drawn from; the times of this page's doctors alone are looked for."""
    shown = list(page)
    available = [each for each in shown if each.status == Availability.AVAILABLE]
    visits = directory.visits_for(available, "")
    times = slots.first_openings(available, now=timezone.now(), visit_type=visits, count=FIRST_TIMES)
    cards = [
        Card(
            each,
            visits.get(each.pk),
            by_day(times.get(each.pk, ())),
            more_url=with_query(reverse("find"), {"of": str(each.pk)}) if each.pk in times else "",
        )
        for each in shown
    ]
    return {"page_obj": page, "cards": cards, "currency": settings.CURRENCY}
