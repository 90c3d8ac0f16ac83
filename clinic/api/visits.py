"""One appointment: whose it is, how it is changed; the steps of its visit, and its history."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from accounts.api.errors import CHANGES, refusals
from accounts.integrations import Scope, Scopes
from accounts.pagination import Pages
from clinic import booking, history
from clinic.api.callers import IF_MATCH, etag, person, version
from clinic.api.conflicts import conflicts
from clinic.api.filters import AppointmentFilters
from clinic.api.serializers.appointments import AppointmentSerializer
from clinic.api.serializers.visits import DeedSerializer, StatusSerializer
from clinic.models import Appointment

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
BOOKED = {
    "id": "2b6f3f39-77b8-4c5c-b7ad-2f1f0b9c9e10",
    "reference": "K7MPXQ4R",
    "doctor": "6f1b0a52-5a2f-4d39-9f2e-0f6f6b0c1a01",
    "doctor_name": "Dr. Wei Chen",
    "patient": "9d2c1b0a-8f7e-4d6c-b5a4-39281706f5e4",
    "patient_name": "Alice Archer",
    "site": "a7a2d3c4-1b5e-4f60-8a91-6d2c7e8f9d04",
    "site_name": "Berlin",
    "visit_type": None,
    "visit_type_name": None,
    "starts_at": "2027-03-01T09:30:00+01:00",
    "ends_at": "2027-03-01T10:00:00+01:00",
    "status": "scheduled",
    "cancellable_until": "2027-02-28T09:30:00+01:00",
    "sequence": 0,
    "updated_at": "2027-02-22T09:00:00.123456+01:00",
    "reason": "A cough that stays.",
    "cancel_reason": "",
}
ONE = OpenApiExample("An appointment", value=BOOKED, response_only=True, status_codes=["200", "201"])
UNKNOWN = {404: ("not_found", "Not found.")}
DEEDS = [
    {
        "at": "2027-02-22T09:00:00+01:00",
        "actor_name": "Alice Archer",
        "role": "patient",
        "action": "booked",
        "changes": {"doctor": [None, BOOKED["doctor"]], "starts_at": [None, BOOKED["starts_at"]]},
    },
    {
        "at": "2027-03-01T09:24:10+01:00",
        "actor_name": "Reception",
        "role": "receptionist",
        "action": "arrived",
        "changes": {"status": ["scheduled", "arrived"]},
    },
]
TOO_EARLY = ("not_yet", "It is too early for this.")
WRONG = ("wrong_status", "This cannot follow: the visit is “Arrived”.")


def step(name: str, summary: str, *, then: str, wrong: tuple[str, str]) -> Callable[[Endpoint], Endpoint]:
    """The description of the step that leads to the status ``then``."""
    final = ("already_final", "This appointment is over or cancelled.")
    done = OpenApiExample("Done", value=BOOKED | {"status": then}, response_only=True, status_codes=["200"])
    return extend_schema(
        operation_id=f"appointments_{name}",
        tags=["booking"],
        summary=summary,
        parameters=[IF_MATCH, etag(200)],
        request=None,
        responses={
            200: AppointmentSerializer,
            **refusals(*CHANGES, 409, examples=UNKNOWN | {400: wrong, 409: final}),
        },
        examples=[done],
    )


class OneAppointment(GenericViewSet[Appointment]):
    """What every endpoint of one appointment has in common."""

    queryset = Appointment.objects.none()
    scopes = Scopes(read=Scope.APPOINTMENTS_READ, write=Scope.APPOINTMENTS_WRITE)
    serializer_class = AppointmentSerializer
    filterset_class = AppointmentFilters
    lookup_value_converter = "uuid"

    @property
    def throttle_scope(self) -> str | None:
        """Changes have a rate of their own."""
        return None if self.request.method in SAFE_METHODS else "booking"

    def get_queryset(self) -> QuerySet[Appointment]:
        """Those that the caller may see."""
        return Appointment.objects.visible_to(self.request.user).with_names().defer("notes")

    def _change(self, asked: type[Serializer[Appointment]]) -> Response:
        """One change of one appointment, unless it is not any more what the caller saw."""
        appointment = self.get_object()
        context = self._context() | {"version": version(self.request, appointment)}
        serializer = asked(appointment, data=self.request.data, context=context)
        serializer.is_valid(raise_exception=True)
        return self._answer(serializer.save())

    def _context(self) -> dict[str, Any]:
        return {"request": self.request, "by": person(self.request), "now": timezone.now()}

    def _answer(self, appointment: Appointment, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        answer = AppointmentSerializer(appointment, context={"request": self.request})
        return Response(answer.data, status, headers={"ETag": appointment.etag} | (headers or {}))


class Steps(OneAppointment):
    """The steps of a visit, one address for each. The verbs know who may."""

    @step("arrive", "The patient is here", then="arrived", wrong=WRONG)
    @action(detail=True, methods=["post"], filterset_class=None)
    def arrive(self, request: Request, pk: UUID) -> Response:
        """From `scheduled`, on the day of the visit or later. For staff and its doctor."""
        return self._step(booking.arrive)

    @step("start", "The doctor sees the patient", then="in_progress", wrong=TOO_EARLY)
    @action(detail=True, methods=["post"], filterset_class=None)
    def start(self, request: Request, pk: UUID) -> Response:
        """From `scheduled` or `arrived`, on the day of the visit or later. For staff and its doctor."""
        return self._step(booking.start)

    @step("complete", "The visit is over", then="completed", wrong=WRONG)
    @action(detail=True, methods=["post"], filterset_class=None)
    def complete(self, request: Request, pk: UUID) -> Response:
        """From `in_progress`, not before the visit was to start. For staff and its doctor."""
        return self._step(booking.complete)

    @step("no_show", "The patient did not come", then="no_show", wrong=TOO_EARLY)
    @action(detail=True, methods=["post"], url_path="no-show", filterset_class=None)
    def no_show(self, request: Request, pk: UUID) -> Response:
        """From `scheduled`, not before the visit was to start. Its time is free at once. For staff and its doctor."""
        return self._step(booking.no_show)

    @extend_schema(
        operation_id="appointments_undo",
        tags=["booking"],
        summary="Take the last step back",
        parameters=[IF_MATCH, etag(200)],
        request=None,
        responses={
            200: AppointmentSerializer,
            **refusals(
                *CHANGES,
                examples=UNKNOWN
                | {400: ("too_late_to_undo", "It is too late to take this back.")}
                | {403: ("permission_denied", "You may not do this.")},
            ),
            **conflicts("patient_busy", "too_many_upcoming", "stale"),
        },
        examples=[ONE],
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def undo(self, request: Request, pk: UUID) -> Response:
        """Within ten minutes, for whoever took it: arrive, start, complete, no-show, or cancel, which patients may take
        back too. What was cancelled, or did not happen, stands again only if its time is free still.
        """
        return self._step(booking.undo)

    @extend_schema(
        operation_id="appointments_status",
        tags=["booking"],
        summary="Take the step that leads to a status",
        parameters=[IF_MATCH, etag(200)],
        request=StatusSerializer,
        responses={
            200: AppointmentSerializer,
            **refusals(
                *CHANGES,
                409,
                examples=UNKNOWN | {400: WRONG, 409: ("already_final", "This appointment is over or cancelled.")},
            ),
        },
        examples=[
            OpenApiExample("Arrived", value={"status": "arrived"}, request_only=True),
            OpenApiExample("Cancelled", value={"status": "cancelled", "reason": "I am ill."}, request_only=True),
            ONE,
        ],
    )
    @action(detail=True, methods=["patch"], filterset_class=None)
    def status(self, request: Request, pk: UUID) -> Response:
        """As arrive/, start/, complete/, no-show/ and cancel/ do, by the name of the status that is wanted."""
        return self._change(StatusSerializer)

    @extend_schema(
        operation_id="appointments_history",
        tags=["booking"],
        summary="Who changed what, and when",
        responses={200: DeedSerializer(many=True), **refusals(400, 401, 404, 405, 406, 429, examples=UNKNOWN)},
        examples=[OpenApiExample("Booked, and arrived", value=DEEDS, response_only=True, status_codes=["200"])],
    )
    @action(detail=True, methods=["get"], filterset_class=None)
    def history(self, request: Request, pk: UUID) -> Response:
        """What became of an appointment that you may see, the first change first; never why somebody comes, or not.

        Patients are told doctors by name, and of the desk that it was the desk.
        """
        appointment = self.get_object()
        by, paginator = person(request), Pages()
        assert by is not None
        found = paginator.paginate_queryset(history.entries(appointment), request, view=self)
        told: Any = history.told(appointment, found or [], to=by)
        return paginator.get_paginated_response(DeedSerializer(told, many=True).data)

    def _step(self, act: Callable[..., Appointment]) -> Response:
        appointment = self.get_object()
        by, now, seen = person(self.request), timezone.now(), version(self.request, appointment)
        return self._answer(act(appointment, by=by, now=now, version=seen))
