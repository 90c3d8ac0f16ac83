"""Patients, for those who work with them and for themselves. Whom a doctor sees depends on his appointments."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.errors import ANYWHERE, refusals
from accounts.api.permissions import ADMINISTRATORS, PEOPLE, STAFF, caller
from accounts.integrations import Scope, Scopes
from accounts.models import Patient
from clinic import patients
from clinic.api.filters import PatientFilters
from clinic.api.serializers.patients import FileSerializer, OwnFileSerializer, PatientSerializer

ALICE = {
    "id": "9d2c1b0a-8f7e-4d6c-b5a4-39281706f5e4",
    "first_name": "Alice",
    "last_name": "Archer",
    "date_of_birth": "1990-05-17",
    "phone": "+4930123456",
    "email": "alice@example.org",
    "insurance_provider": "AOK",
    "insurance_number": "A123456789",
    "emergency_contact": "Adam Archer, +4930654321",
    "reminder_channel": "email",
    "has_account": True,
}
SAID = {name: value for name, value in ALICE.items() if name not in ("id", "has_account")}
ONE = OpenApiExample("Alice", value=ALICE, response_only=True, status_codes=["200", "201"])
UNKNOWN = {404: ("not_found", "Not found.")}
BORN = {400: ("bad_date_of_birth", "Enter a date in the past.")}
READS = (401, 404, 405, 406, 429)
CHANGED: dict[str, Any] = {
    "tags": ["people"],
    "request": FileSerializer,
    "responses": {200: PatientSerializer, **refusals(*ANYWHERE, 401, 403, 404, examples=UNKNOWN | BORN)},
    "examples": [OpenApiExample("Alice", value=SAID, request_only=True), ONE],
}


class Patients(ListModelMixin, RetrieveModelMixin, GenericViewSet[Patient]):
    """patients/."""

    queryset = Patient.objects.none()
    serializer_class = PatientSerializer
    filterset_class = PatientFilters
    scopes = Scopes(read=Scope.PATIENTS_READ)
    lookup_value_converter = "uuid"

    def get_permissions(self) -> list[BasePermission]:
        """Registering is for staff, letting go for administrators; the rest depends on the patient."""
        by_action = {"create": STAFF, "destroy": ADMINISTRATORS}
        return [needed() for needed in by_action.get(self.action, PEOPLE)]

    def get_queryset(self) -> QuerySet[Patient]:
        """Those whom the caller works with; a list without what is encrypted."""
        seen = patients.visible_to(self.request.user)
        return seen.defer("insurance_number") if self.action == "list" else seen

    @extend_schema(
        operation_id="patients_list",
        tags=["people"],
        summary="List the patients whom you may see",
        responses={200: PatientSerializer(many=True), **refusals(400, *READS)},
        examples=[ONE],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """By last name: staff see all, a doctor those of his appointments but cancelled ones, a patient herself."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        operation_id="patients_retrieve",
        tags=["people"],
        summary="One patient",
        responses={200: PatientSerializer, **refusals(*READS, examples=UNKNOWN)},
        examples=[ONE],
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One whom you may see; anybody else is a 404, as one who does not exist."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        operation_id="patients_create",
        tags=["people"],
        summary="Register a patient at the desk",
        request=FileSerializer,
        responses={201: PatientSerializer, **refusals(*ANYWHERE, 401, 403, examples=BORN)},
        examples=[OpenApiExample("Alice", value=SAID, request_only=True), ONE],
    )
    def create(self, request: Request) -> Response:
        """A patient without an account, written down by staff: a child, or somebody who called."""
        return self._written(FileSerializer(data=request.data, context=self._context()), 201)

    @extend_schema(operation_id="patients_update", summary="Write a patient's file anew", **CHANGED)
    def update(self, request: Request, pk: UUID) -> Response:
        """As PATCH, but the names have to come along; what else is not sent stays as it is."""
        return self._change(self.get_object(), partial=False)

    @extend_schema(operation_id="patients_partial_update", summary="Change a patient's file", **CHANGED)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Staff change any patient, a patient herself; her `email` she changes on the portal's page, here it means
        nothing. A doctor who sees her is refused (403).
        """
        return self._change(self.get_object(), partial=True)

    @extend_schema(
        operation_id="patients_destroy",
        tags=["people"],
        summary="Deactivate a patient's account",
        responses={
            204: OpenApiResponse(description="The patient signs in no more."),
            **refusals(
                *(400, 401, 403, 404, 405, 406, 409, 429),
                examples=UNKNOWN | {409: ("no_account", "This patient has no account that could be deactivated.")},
            ),
        },
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        """For administrators. What the clinic knows of the patient stays. 409 `no_account` for one registered at the
        desk. The same again is a 204.
        """
        patients.let_go(self.get_object(), by=caller(request), now=timezone.now())
        return Response(status=204)

    @extend_schema(
        operation_id="patients_me_retrieve",
        tags=["people"],
        summary="Your own file",
        responses={200: PatientSerializer, **refusals(*READS, examples=UNKNOWN)},
        examples=[ONE],
    )
    @action(detail=False, methods=["get"], filterset_class=None, pagination_class=None)
    def me(self, request: Request) -> Response:
        """What is kept of you; 404 if you are no patient."""
        return self._answer(self._own())

    @extend_schema(operation_id="patients_me_update", summary="Write your own file anew", **CHANGED)
    @me.mapping.put
    def update_me(self, request: Request) -> Response:
        """As PUT patients/{id}/ with your own id."""
        return self._change(self._own(), partial=False)

    @extend_schema(operation_id="patients_me_partial_update", summary="Change your own file", **CHANGED)
    @me.mapping.patch
    def change_me(self, request: Request) -> Response:
        """As PATCH patients/{id}/ with your own id."""
        return self._change(self._own(), partial=True)

    def _own(self) -> Patient:
        own = self.get_queryset().filter(user=caller(self.request)).first()
        if own is None:
            raise Http404
        return own

    def _change(self, patient: Patient, *, partial: bool) -> Response:
        by = caller(self.request)
        if not patients.may_change(patient, by):
            self.permission_denied(self.request)
        asked = FileSerializer if by.is_staff else OwnFileSerializer
        return self._written(asked(patient, data=self.request.data, partial=partial, context=self._context()))

    def _written(self, serializer: OwnFileSerializer, status: int = 200) -> Response:
        serializer.is_valid(raise_exception=True)
        return self._answer(serializer.save(), status)

    def _context(self) -> dict[str, Any]:
        return {"request": self.request, "by": caller(self.request), "now": timezone.now()}

    def _answer(self, patient: Patient, status: int = 200) -> Response:
        return Response(PatientSerializer(patient, context={"request": self.request}).data, status)
