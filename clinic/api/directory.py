"""Departments, sites, specialties and visit types: what everybody may look up."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.permissions import AllowAny
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.errors import refusals
from accounts.integrations import Scope, Scopes
from clinic.api.serializers.directory import (
    DepartmentSerializer,
    SiteSerializer,
    SpecialtySerializer,
    VisitTypeSerializer,
)
from clinic.models import Department, Site, Specialty, VisitType

Row = TypeVar("Row", bound=Model)


class Directory(ReadOnlyModelViewSet[Row]):
    """Something that everybody may look up."""

    permission_classes = (AllowAny,)
    scopes = Scopes(read=Scope.DIRECTORY_READ)
    lookup_value_converter = "uuid"


def documented(thing: str, things: str, shape: Any, *, which: str = "", example: dict[str, Any] | None = None) -> Any:
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


@documented("department", "departments", DepartmentSerializer, which="The departments that are open, by name.")
class Departments(Directory[Department]):
    """departments/."""

    queryset = Department.objects.none()
    serializer_class = DepartmentSerializer

    def get_queryset(self) -> QuerySet[Department]:
        """Those that are open."""
        return Department.objects.public()


@documented("site", "sites", SiteSerializer)
class Sites(Directory[Site]):
    """sites/."""

    queryset = Site.objects.none()
    serializer_class = SiteSerializer

    def get_queryset(self) -> QuerySet[Site]:
        """All."""
        return Site.objects.public()


@documented("specialty", "specialties", SpecialtySerializer)
class Specialties(Directory[Specialty]):
    """specialties/."""

    queryset = Specialty.objects.none()
    serializer_class = SpecialtySerializer

    def get_queryset(self) -> QuerySet[Specialty]:
        """All."""
        return Specialty.objects.public()


@documented(
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
