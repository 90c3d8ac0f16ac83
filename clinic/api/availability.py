"""Weekly hours; and what they have in common with exceptions."""

from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, inline_serializer
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.errors import ANYWHERE, CHANGES, refusals
from accounts.api.permissions import PEOPLE, caller
from accounts.integrations import Scope, Scopes
from accounts.models import Role
from clinic import availability, displacement
from clinic.api.callers import person
from clinic.api.doctors import ForDoctors
from clinic.api.entries import NOT_YOURS, WRITES
from clinic.api.filters import HoursFilters
from clinic.api.serializers.availability import (
    CalendarWriting,
    HoursSerializer,
    HoursWritingSerializer,
    ToBeMovedSerializer,
)
from clinic.models import Appointment, ScheduleException, WeeklyHours

Row = TypeVar("Row", WeeklyHours, ScheduleException)
READS = (401, 404, 405, 406, 429)
WHOSE = {400: ("whose", "Say whose: give a doctor.")}
VISIT = {
    "id": "2b6f3f39-77b8-4c5c-b7ad-2f1f0b9c9e10",
    "reference": "K7MPXQ4R",
    "starts_at": "2027-03-01T11:30:00+01:00",
    "ends_at": "2027-03-01T12:00:00+01:00",
}
SAID = {
    "doctor": "6f1b0a52-5a2f-4d39-9f2e-0f6f6b0c1a01",
    "site": "a7a2d3c4-1b5e-4f60-8a91-6d2c7e8f9d04",
    "weekday": 0,
    "starts": "09:00",
    "ends": "10:50",
    "slot_minutes": 30,
    "valid_from": "2027-01-01",
    "valid_until": None,
}
MONDAYS = SAID | {
    "id": "5c7e9b1d-3f50-4a62-8b74-9d86af98c0d2",
    "doctor_name": "Dr. Wei Chen",
    "site_name": "Berlin",
    "slots": ["09:00", "09:30", "10:00"],
    "unused_minutes": 20,
}
ROW = OpenApiExample("Mondays", value=MONDAYS, response_only=True, status_codes=["200"])
WRITTEN = OpenApiExample(
    "Mondays, shorter than they were",
    value=MONDAYS | {"to_be_moved": [VISIT]},
    response_only=True,
    status_codes=["200", "201"],
)
OVERLAP = {
    400: ("slot_longer_than_hours", "A slot must not be longer than the hours."),
    409: ("hours_overlap", "The doctor works at this time already: Monday 09:00-12:00, Berlin."),
}
LEFT = OpenApiResponse(
    inline_serializer("Left", {"to_be_moved": ToBeMovedSerializer(many=True)}),
    description="It is gone, and these visits have to be moved now. They stay booked.",
    examples=[OpenApiExample("A visit", value={"to_be_moved": [VISIT]}, status_codes=["200"])],
)
GONE: dict[int, Any] = {200: LEFT, 204: OpenApiResponse(description="It is gone, and no visit has to be moved.")}


class CalendarRows(ListModelMixin, RetrieveModelMixin, GenericViewSet[Row]):
    """Rows of doctors' calendars: read by everybody, written by administrators and, of his own, by a doctor.

    ``writing`` is the serializer of what they send.
    """

    writing: ClassVar[type[CalendarWriting]]
    scopes = Scopes(read=Scope.DIRECTORY_READ, write=Scope.CALENDARS_WRITE)
    lookup_value_converter = "uuid"

    def get_permissions(self) -> list[BasePermission]:
        """Reading is for anybody."""
        needed: Any = (*PEOPLE, ForDoctors) if self.action in WRITES else (AllowAny,)
        return [permission() for permission in needed]

    def narrowed(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """A list for whom no doctor is named: staff see all, a doctor his own, everybody else is asked whose."""
        by = person(self.request)
        if self.action != "list" or self.request.query_params.get("doctor", "").strip() or (by and by.is_staff):
            return rows
        if by and by.role == Role.DOCTOR:
            return rows.filter(doctor__user=by)
        raise ValidationError(_("Say whose: give a doctor."), code="whose")

    def create(self, request: Request) -> Response:
        """201; 200 for what is there already."""
        return self._written(self.writing(data=request.data, context=self._context()))

    def update(self, request: Request, pk: UUID) -> Response:
        """As PATCH, but what has to be there for a new one has to come along; what else is not sent stays."""
        return self._change(partial=False)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """What is not sent stays."""
        return self._change(partial=True)

    def _change(self, *, partial: bool) -> Response:
        row: Any = self.get_object()
        # Before the body is looked at: what is wrong with it is nobody else's business. The verb asks again.
        availability.may_arrange(caller(self.request), row.doctor)
        return self._written(self.writing(row, data=self.request.data, partial=partial, context=self._context()))

    def _written(self, serializer: CalendarWriting) -> Response:
        serializer.is_valid(raise_exception=True)
        row = serializer.save()
        context = {**self.get_serializer_context(), "to_be_moved": self._to_be_moved(row)}
        return Response(self.get_serializer_class()(row, context=context).data, 201 if serializer.is_new else 200)

    def _left(self, row: Row) -> Response:
        """The answer when ``row`` was deleted."""
        moved = self._to_be_moved(row)
        return Response({"to_be_moved": ToBeMovedSerializer(moved, many=True).data}) if moved else Response(status=204)

    def _to_be_moved(self, row: Row) -> list[Appointment]:
        """The visits in the row's calendars that wait, of those that the caller may see."""
        waiting = displacement.to_be_moved(self.request.user)
        if row.doctor_id:
            waiting = waiting.filter(appointment__doctor=row.doctor_id)
        elif row.site_id:
            waiting = waiting.filter(appointment__site=row.site_id)
        return [flag.appointment for flag in waiting]

    def _context(self) -> dict[str, Any]:
        return {"request": self.request, "by": caller(self.request), "now": timezone.now()}


class Availability(CalendarRows[WeeklyHours]):
    """availability/."""

    queryset = WeeklyHours.objects.none()
    serializer_class = HoursSerializer
    filterset_class = HoursFilters
    writing = HoursWritingSerializer

    def get_queryset(self) -> QuerySet[WeeklyHours]:
        """Those of the doctors whom the caller may see."""
        rows = WeeklyHours.objects.visible_to(self.request.user).select_related("doctor__user", "site")
        return self.narrowed(rows.order_by("doctor", "weekday", "starts", "id"))

    @extend_schema(
        operation_id="availability_list",
        tags=["time"],
        summary="List a doctor's weekly hours",
        responses={200: HoursSerializer(many=True), **refusals(400, *READS, examples=WHOSE)},
        examples=[ROW],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """By weekday and start, on the sites' clocks; `doctor` says whose. Doctors may leave it out for their own,
        staff for all; anybody else is refused (400 `whose`). What can be booked tells `slots/`.
        """
        return super().list(request, *args, **kwargs)

    @extend_schema(
        operation_id="availability_retrieve",
        tags=["time"],
        summary="One doctor's hours on one weekday",
        responses={200: HoursSerializer, **refusals(*READS, examples=NOT_YOURS)},
        examples=[ROW],
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With the starts of the slots, and the minutes that are left over."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        operation_id="availability_create",
        tags=["time"],
        summary="Add weekly hours",
        request=HoursWritingSerializer,
        responses={
            200: HoursSerializer,
            201: HoursSerializer,
            **refusals(*ANYWHERE, 401, 403, 409, examples=NOT_YOURS | OVERLAP),
        },
        examples=[OpenApiExample("Mondays", value=SAID, request_only=True), WRITTEN],
    )
    def create(self, request: Request) -> Response:
        """For administrators, and doctors in their own calendar. The same again is a 200 with the row that is there;
        409 `hours_overlap` if the doctor works at that time already, at whatever site.
        """
        return super().create(request)

    @extend_schema(
        operation_id="availability_update",
        tags=["time"],
        summary="Write weekly hours anew",
        request=HoursWritingSerializer,
        responses={200: HoursSerializer, **refusals(*CHANGES, 409, examples=NOT_YOURS | OVERLAP)},
        examples=[OpenApiExample("Mondays", value=SAID, request_only=True), WRITTEN],
    )
    def update(self, request: Request, pk: UUID) -> Response:
        """As PATCH, but `site`, `weekday`, `starts` and `ends` have to come along; what else is not sent stays."""
        return super().update(request, pk)

    @extend_schema(
        operation_id="availability_partial_update",
        tags=["time"],
        summary="Change weekly hours",
        request=HoursWritingSerializer,
        responses={200: HoursSerializer, **refusals(*CHANGES, 409, examples=NOT_YOURS | OVERLAP)},
        examples=[OpenApiExample("A shorter Monday", value={"ends": "10:50"}, request_only=True), WRITTEN],
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Who may: as for POST. Visits that are booked stay as they are; `to_be_moved` tells which lie outside now, and
        their patients are told.
        """
        return super().partial_update(request, pk)

    @extend_schema(
        operation_id="availability_destroy",
        tags=["time"],
        summary="Remove weekly hours",
        responses=GONE | refusals(400, 401, 403, 404, 405, 406, 429, examples=NOT_YOURS),
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Who may: as for POST. Visits that are booked stay; if any have to be moved, the answer is a 200 that tells
        which.
        """
        hours = self.get_object()
        availability.remove_hours(hours, by=caller(request), now=timezone.now())
        return self._left(hours)
