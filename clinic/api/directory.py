"""Departments, sites, specialties, visit types and doctors: what everybody may look up."""

from typing import Any, TypeVar

from django.db.models import Model, Prefetch, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.permissions import AllowAny
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.errors import refusals
from clinic.api.filters import DoctorFilters
from clinic.api.serializers.directory import (
    DepartmentSerializer,
    DoctorSerializer,
    SiteSerializer,
    SpecialtySerializer,
    VisitTypeSerializer,
)
from clinic.models import Department, Doctor, Site, Specialty, VisitType

CHEN = {
    "id": "6f1b0a52-5a2f-4d39-9f2e-0f6f6b0c1a01",
    "doctor_name": "Dr. Wei Chen",
    "title": "Dr.",
    "first_name": "Wei",
    "last_name": "Chen",
    "specialties": [{"id": "0d0f7c52-4e0b-4a58-8a6c-7a2f3f0f2b02", "name": "Cardiology"}],
    "departments": [{"id": "f0c5b8f4-0d4f-4c57-9e58-3f6d0b9b1c03", "name": "Heart Centre"}],
    "sites": [{"id": "a7a2d3c4-1b5e-4f60-8a91-6d2c7e8f9d04", "name": "Berlin"}],
    "visit_types": [{"id": "c3d4e5f6-2a3b-4c5d-8e9f-0a1b2c3d4e05", "name": "First visit"}],
    "languages": ["de", "en"],
    "experience_years": 12,
    "bio": "Heart failure, and how to live well with it.",
    "consultation_fee": "80.00",
    "currency": "EUR",
    "status": "available",
}


Row = TypeVar("Row", bound=Model)


class Directory(ReadOnlyModelViewSet[Row]):
    """Something that everybody may look up."""

    permission_classes = (AllowAny,)
    lookup_value_converter = "uuid"


def _documented(thing: str, things: str, shape: Any, *, which: str = "", example: dict[str, Any] | None = None) -> Any:
    """What the schema says of a list and of one of its things."""
    examples = [OpenApiExample(thing.capitalize(), value=example, response_only=True, status_codes=["200"])]
    documented: dict[str, Any] = {"tags": ["directory"], "examples": examples if example else []}
    return extend_schema_view(
        list=extend_schema(
            summary=f"List the {things}",
            description=which or f"All {things}, by name.",
            responses={200: shape(many=True), **refusals(400, 401, 404, 405, 406, 429)},
            **documented,
        ),
        retrieve=extend_schema(
            summary=f"One {thing}",
            description="404 for one that is not in the list, as for one that does not exist.",
            responses={200: shape, **refusals(401, 404, 405, 406, 429)},
            **documented,
        ),
    )


@_documented("department", "departments", DepartmentSerializer, which="The departments that are open, by name.")
class Departments(Directory[Department]):
    """departments/."""

    queryset = Department.objects.none()
    serializer_class = DepartmentSerializer

    def get_queryset(self) -> QuerySet[Department]:
        """Those that are open."""
        return Department.objects.public()


@_documented("site", "sites", SiteSerializer)
class Sites(Directory[Site]):
    """sites/."""

    queryset = Site.objects.none()
    serializer_class = SiteSerializer

    def get_queryset(self) -> QuerySet[Site]:
        """All."""
        return Site.objects.public()


@_documented("specialty", "specialties", SpecialtySerializer)
class Specialties(Directory[Specialty]):
    """specialties/."""

    queryset = Specialty.objects.none()
    serializer_class = SpecialtySerializer

    def get_queryset(self) -> QuerySet[Specialty]:
        """All."""
        return Specialty.objects.public()


@_documented(
    "visit type",
    "visit types",
    VisitTypeSerializer,
    which="The kinds of visit that patients may book themselves, by name; staff and doctors see the others too.",
)
class VisitTypes(Directory[VisitType]):
    """visit-types/."""

    queryset = VisitType.objects.none()
    serializer_class = VisitTypeSerializer

    def get_queryset(self) -> QuerySet[VisitType]:
        """Those that the caller may book."""
        return VisitType.objects.visible_to(self.request.user)


@_documented(
    "doctor",
    "doctors",
    DoctorSerializer,
    which="The doctors who see patients here, by last name. A filter's id that does not exist finds none.",
    example=CHEN,
)
class Doctors(Directory[Doctor]):
    """doctors/."""

    queryset = Doctor.objects.none()
    serializer_class = DoctorSerializer
    filterset_class = DoctorFilters

    def get_queryset(self) -> QuerySet[Doctor]:
        """Those in the directory, with what is told of each."""
        return (
            Doctor.objects.public()
            .select_related("user")
            .prefetch_related(
                "specialties",
                Prefetch("departments", Department.objects.public()),
                Prefetch("visit_types", VisitType.objects.visible_to(self.request.user)),
                "weekly_hours__site",
            )
        )
