"""What everybody may look up; and the directory's entries, which administrators write."""

from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.errors import ANYWHERE, CHANGES, refusals
from accounts.api.permissions import ADMINISTRATORS, caller
from accounts.integrations import Scope, Scopes
from clinic import organisation
from clinic.api.serializers.entries import EntryWriting
from clinic.models import Department, Site, Specialty, VisitType

Row = TypeVar("Row", bound=Model)
Entry = TypeVar("Entry", Department, Site, Specialty, VisitType)
WRITES = ("create", "update", "partial_update", "destroy")
NOT_YOURS = {403: ("permission_denied", "You may not do this."), 404: ("not_found", "Not found.")}
IN_USE = {409: ("in_use", "This is in use: doctors or appointments refer to it.")}


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


class Entries(Directory[Entry]):
    """Departments, sites and the like. ``writing`` is the serializer of what administrators send."""

    writing: ClassVar[type[EntryWriting]]

    def get_permissions(self) -> list[BasePermission]:
        """Reading is for anybody."""
        needed: Any = ADMINISTRATORS if self.action in WRITES else (AllowAny,)
        return [permission() for permission in needed]

    def create(self, request: Request) -> Response:
        """Administrators only."""
        return self._written(self.writing(data=request.data, context=self._context()), 201)

    def update(self, request: Request, pk: UUID) -> Response:
        """Administrators only."""
        return self._written(self.writing(self.get_object(), data=request.data, context=self._context()))

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Administrators only."""
        asked = self.writing(self.get_object(), data=request.data, partial=True, context=self._context())
        return self._written(asked)

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Administrators only."""
        organisation.remove_entry(self.get_object(), by=caller(request))
        return Response(status=204)

    def _context(self) -> dict[str, Any]:
        return {"request": self.request, "by": caller(self.request), "now": timezone.now()}

    def _written(self, serializer: Serializer[Any], status: int = 200) -> Response:
        serializer.is_valid(raise_exception=True)
        try:
            entry = serializer.save()
        except ObjectDoesNotExist as error:
            raise NotFound from error
        return Response(self.get_serializer(entry).data, status)


def writable(
    thing: str, shape: Any, writing: type[EntryWriting], *, told: dict[str, Any], change: dict[str, Any]
) -> Any:
    """What the schema says of the four ways to write; ``told`` and ``change`` are bodies, as examples."""
    tags, taken = ["directory"], {400: ("unique", f"{thing.capitalize()} with this Name already exists.")}
    whole = OpenApiExample(thing.capitalize(), value=told, request_only=True)
    part = OpenApiExample(thing.capitalize(), value=change, request_only=True)
    return extend_schema_view(
        create=extend_schema(
            tags=tags,
            summary=f"Enter a {thing}",
            description="For administrators. 400 `unique` at `name`, if there is one of this name.",
            request=writing,
            responses={201: shape, **refusals(*ANYWHERE, 401, 403, examples=NOT_YOURS | taken)},
            examples=[whole],
        ),
        update=extend_schema(
            tags=tags,
            summary=f"Change a {thing}",
            description="As PATCH, but what cannot be left out of a new one has to come along; what else is not sent "
            "stays as it is.",
            request=writing,
            responses={200: shape, **refusals(*CHANGES, examples=NOT_YOURS | taken)},
            examples=[whole],
        ),
        partial_update=extend_schema(
            tags=tags,
            summary=f"Change something of a {thing}",
            description="For administrators; what is not sent stays as it is.",
            request=writing,
            responses={200: shape, **refusals(*CHANGES, examples=NOT_YOURS | taken)},
            examples=[part],
        ),
        destroy=extend_schema(
            tags=tags,
            summary=f"Remove a {thing}",
            description="For administrators. 409 `in_use` as long as a doctor, hours, time off or an appointment "
            "refers to it: then nothing changes.",
            responses={
                204: OpenApiResponse(description="It is gone."),
                **refusals(400, 401, 403, 404, 405, 406, 409, 429, examples=NOT_YOURS | IN_USE),
            },
        ),
    )
