"""Departments, sites, specialties and visit types: what everybody may look up."""

from collections.abc import Callable
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.errors import refusals
from accounts.api.permissions import ADMINISTRATORS, caller
from clinic import doctors, organisation
from clinic.api.entries import NOT_YOURS, Entries, documented, writable
from clinic.api.filters import DepartmentFilters
from clinic.api.serializers.directory import (
    DepartmentSerializer,
    SiteSerializer,
    SpecialtySerializer,
    VisitTypeSerializer,
)
from clinic.api.serializers.entries import (
    DepartmentWritingSerializer,
    SiteWritingSerializer,
    SpecialtyWritingSerializer,
    VisitTypeWritingSerializer,
)
from clinic.models import Department, Site, Specialty, VisitType

OPEN = """The departments that are open, by name.

Administrators find with `is_active=false` those that are not; for everybody else there are none."""
ONCOLOGY = {"name": "Oncology", "description": "Tumours, and what helps against them.", "is_active": True}
BERLIN = {
    "name": "Berlin",
    "address": "Invalidenstraße 1, 10115 Berlin",
    "time_zone": "Europe/Berlin",
    "phone": "+4930123456",
}
CHECK_UP = {
    "name": "Check-up",
    "minutes": 45,
    "buffer_before": 0,
    "buffer_after": 10,
    "online_bookable": True,
    "mode": "in_person",
    "instructions": "Please come fasting.",
}


@documented("department", "departments", DepartmentSerializer, which=OPEN)
@writable("department", DepartmentSerializer, DepartmentWritingSerializer, told=ONCOLOGY, change={"is_active": False})
class Departments(Entries[Department]):
    """departments/."""

    queryset = Department.objects.none()
    serializer_class = DepartmentSerializer
    writing = DepartmentWritingSerializer
    filterset_class = DepartmentFilters

    def get_queryset(self) -> QuerySet[Department]:
        """Those that are open; one by one, or by the filter, those whom the caller may see."""
        in_directory = self.action == "list" and "is_active" not in self.request.query_params
        return Department.objects.public() if in_directory else Department.objects.visible_to(self.request.user)


class AssignmentView(APIView):
    """departments/{id}/doctors/{doctor_id}/."""

    permission_classes = ADMINISTRATORS

    @extend_schema(
        operation_id="departments_doctors_assign",
        tags=["directory"],
        summary="Put a doctor into a department",
        request=None,
        responses={
            204: OpenApiResponse(description="The doctor is in the department."),
            **refusals(400, 401, 403, 404, 405, 406, 429, examples=NOT_YOURS),
        },
    )
    def put(self, request: Request, pk: UUID, doctor_id: UUID) -> Response:
        """For administrators; the same again is a 204 and changes nothing. The department may be closed."""
        return self._answer(organisation.assign, pk, doctor_id)

    @extend_schema(
        operation_id="departments_doctors_unassign",
        tags=["directory"],
        summary="Take a doctor out of a department",
        responses={
            204: OpenApiResponse(description="The doctor is not in the department."),
            **refusals(400, 401, 403, 404, 405, 406, 429, examples=NOT_YOURS),
        },
    )
    def delete(self, request: Request, pk: UUID, doctor_id: UUID) -> Response:
        """For administrators; a 204 too if the doctor was not in it. Visits that are booked stay booked."""
        return self._answer(organisation.unassign, pk, doctor_id)

    def _answer(self, verb: Callable[..., None], pk: UUID, doctor_id: UUID) -> Response:
        by = caller(self.request)
        department = get_object_or_404(Department.objects.visible_to(by), pk=pk)
        doctor = get_object_or_404(doctors.visible_to(by), pk=doctor_id)
        try:
            verb(doctor, department, by=by)
        except ObjectDoesNotExist as error:
            raise NotFound from error
        return Response(status=204)


@documented("site", "sites", SiteSerializer)
@writable("site", SiteSerializer, SiteWritingSerializer, told=BERLIN, change={"phone": "+4930654321"})
class Sites(Entries[Site]):
    """sites/."""

    queryset = Site.objects.none()
    serializer_class = SiteSerializer
    writing = SiteWritingSerializer

    def get_queryset(self) -> QuerySet[Site]:
        """All."""
        return Site.objects.public()


@documented("specialty", "specialties", SpecialtySerializer)
@writable(
    "specialty",
    SpecialtySerializer,
    SpecialtyWritingSerializer,
    told={"name": "Cardiology"},
    change={"name": "Heart medicine"},
)
class Specialties(Entries[Specialty]):
    """specialties/."""

    queryset = Specialty.objects.none()
    serializer_class = SpecialtySerializer
    writing = SpecialtyWritingSerializer

    def get_queryset(self) -> QuerySet[Specialty]:
        """All."""
        return Specialty.objects.public()


@documented(
    "visit type",
    "visit types",
    VisitTypeSerializer,
    which="The kinds of visit that patients may book themselves, by name; staff and doctors see the others too.",
)
@writable("visit type", VisitTypeSerializer, VisitTypeWritingSerializer, told=CHECK_UP, change={"minutes": 30})
class VisitTypes(Entries[VisitType]):
    """visit-types/."""

    queryset = VisitType.objects.none()
    serializer_class = VisitTypeSerializer
    writing = VisitTypeWritingSerializer

    def get_queryset(self) -> QuerySet[VisitType]:
        """Those that the caller may book."""
        return VisitType.objects.visible_to(self.request.user)
