"""Doctors: the directory for everybody; entered, let in and let go by administrators, described by themselves."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts import staffing
from accounts.api.errors import ANYWHERE, CHANGES, refusals
from accounts.api.permissions import ADMINISTRATORS, PEOPLE, caller
from accounts.models import Role
from clinic import doctors
from clinic.api.entries import Directory, documented
from clinic.api.filters import DoctorFilters
from clinic.api.serializers.directory import DoctorSerializer
from clinic.api.serializers.onboarding import DescriptionSerializer, OnboardingSerializer, ProfileSerializer
from clinic.models import Department, Doctor, VisitType

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
FOR_THE_OFFICE = CHEN | {
    "email": "chen@example.org",
    "license_number": "DE-12345",
    "practising_since": "2014-09-01",
    "approval": "approved",
    "is_active": True,
}
NEW = {
    "email": "chen@example.org",
    "first_name": "Wei",
    "last_name": "Chen",
    "title": "Dr.",
    "specialties": ["0d0f7c52-4e0b-4a58-8a6c-7a2f3f0f2b02"],
    "departments": ["f0c5b8f4-0d4f-4c57-9e58-3f6d0b9b1c03"],
    "license_number": "DE-12345",
    "practising_since": "2014-09-01",
}
ONE = OpenApiExample("Doctor", value=FOR_THE_OFFICE, response_only=True, status_codes=["200", "201"])
WHICH = """The doctors who see patients here, by last name. A filter's id that does not exist finds none.

Administrators find with `approval` those too who applied or were rejected, an applicant finds himself."""
UNKNOWN = {404: ("not_found", "Not found.")}


class ForDoctors(BasePermission):
    """For doctors and administrators; of whom, the verb knows."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the role is one of the two."""
        return staffing.is_administrator(request.user) or caller(request).role == Role.DOCTOR


CHANGED: dict[str, Any] = {
    "tags": ["directory"],
    "summary": "Change a doctor's profile",
    "request": ProfileSerializer,
    "responses": {
        200: DoctorSerializer,
        **refusals(*CHANGES, examples=UNKNOWN | {403: ("permission_denied", "You may not do this.")}),
    },
    "examples": [OpenApiExample("Languages", value={"languages": ["de", "zh"]}, request_only=True), ONE],
}


@documented("doctor", "doctors", DoctorSerializer, which=WHICH, example=CHEN)
class Doctors(Directory[Doctor]):
    """doctors/."""

    queryset = Doctor.objects.none()
    serializer_class = DoctorSerializer
    filterset_class = DoctorFilters

    def get_permissions(self) -> list[BasePermission]:
        """Reading is for anybody."""
        needed: Any = (AllowAny,)
        if self.action in ("create", "destroy", "approve", "reject"):
            needed = ADMINISTRATORS
        elif self.action in ("update", "partial_update"):
            needed = (*PEOPLE, ForDoctors)
        return [permission() for permission in needed]

    def get_queryset(self) -> QuerySet[Doctor]:
        """Those in the directory, or, one by one, those whom the caller may see, with what is told of each."""
        in_directory = self.action == "list" and "approval" not in self.request.query_params
        shown = Doctor.objects.public() if in_directory else doctors.visible_to(self.request.user)
        return shown.select_related("user").prefetch_related(
            "specialties",
            Prefetch("departments", Department.objects.visible_to(self.request.user)),
            Prefetch("visit_types", VisitType.objects.visible_to(self.request.user)),
            "weekly_hours__site",
        )

    @extend_schema(
        operation_id="doctors_create",
        tags=["directory"],
        summary="Enter a doctor",
        request=OnboardingSerializer,
        responses={
            201: DoctorSerializer,
            **refusals(
                *ANYWHERE, 401, 403, examples={400: ("email_taken", "Somebody has this e-mail address already.")}
            ),
        },
        examples=[OpenApiExample("A cardiologist", value=NEW, request_only=True), ONE],
    )
    def create(self, request: Request) -> Response:
        """A new doctor, let in at once, with an account; an invitation is mailed: a link by which to set a password.

        For administrators. 400 `email_taken` at `email`; then nothing is made.
        """
        return self._written(OnboardingSerializer(data=request.data, context=self._context()), 201)

    @extend_schema(operation_id="doctors_update", **CHANGED)
    def update(self, request: Request, pk: UUID) -> Response:
        """As PATCH, but the names have to come along; what else is not sent stays as it is."""
        return self._change(partial=False)

    @extend_schema(operation_id="doctors_partial_update", **CHANGED)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Administrators change what is here. Doctors who are let in change their own `title`, `bio`, `languages` and
        `status`; what else they send means nothing. Another doctor's profile is a 403.
        """
        return self._change(partial=True)

    @extend_schema(
        operation_id="doctors_destroy",
        tags=["directory"],
        summary="Let a doctor go",
        responses={
            204: OpenApiResponse(description="The doctor's account is deactivated."),
            **refusals(400, 401, 403, 404, 405, 406, 429, examples=UNKNOWN),
        },
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Deactivate the account, for administrators: the doctor leaves the directory and signs in no more. Visits to
        come are listed to be moved, and nothing is deleted. The same again is a 204.
        """
        staffing.deactivate(self.get_object().user, by=caller(request), now=timezone.now())
        return Response(status=204)

    @extend_schema(
        operation_id="doctors_approve",
        tags=["directory"],
        summary="Let a doctor in",
        request=None,
        responses={
            200: DoctorSerializer,
            **refusals(
                *CHANGES, examples=UNKNOWN | {400: ("not_a_doctor", "Give this person the role of a doctor first.")}
            ),
        },
        examples=[ONE],
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def approve(self, request: Request, pk: UUID) -> Response:
        """The doctor appears in the directory and can be booked; an applicant's role becomes `doctor`."""
        return self._answer(doctors.approve(self.get_object(), by=caller(request), now=timezone.now()))

    @extend_schema(
        operation_id="doctors_reject",
        tags=["directory"],
        summary="Let a doctor in no more",
        request=None,
        responses={200: DoctorSerializer, **refusals(*CHANGES, examples=UNKNOWN)},
        examples=[ONE],
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def reject(self, request: Request, pk: UUID) -> Response:
        """The application is declined, or the doctor leaves the directory; visits to come are listed to be moved."""
        return self._answer(doctors.reject(self.get_object(), by=caller(request), now=timezone.now()))

    def _change(self, *, partial: bool) -> Response:
        """By the serializer of what the caller may change."""
        asked = ProfileSerializer if staffing.is_administrator(caller(self.request)) else DescriptionSerializer
        doctor = self.get_object()
        if asked is DescriptionSerializer and doctor.user_id != self.request.user.pk:
            self.permission_denied(self.request)
        return self._written(asked(doctor, data=self.request.data, partial=partial, context=self._context()))

    def _written(self, serializer: Serializer[Doctor], status: int = 200) -> Response:
        serializer.is_valid(raise_exception=True)
        return self._answer(serializer.save(), status)

    def _context(self) -> dict[str, Any]:
        return {"request": self.request, "by": caller(self.request), "now": timezone.now()}

    def _answer(self, doctor: Doctor, status: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=doctor.pk)
        return Response(DoctorSerializer(fresh, context={"request": self.request}).data, status)
