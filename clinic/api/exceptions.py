"""Time off and extra hours."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.errors import ANYWHERE, CHANGES, MEANING, ErrorDetailSerializer, ErrorSerializer, refusals
from accounts.api.permissions import caller
from clinic import availability
from clinic.api.availability import GONE, READS, VISIT, WHOSE, CalendarRows
from clinic.api.conflicts import SLOT_TAKEN
from clinic.api.entries import NOT_YOURS
from clinic.api.filters import ExceptionFilters
from clinic.api.serializers.availability import HitSerializer
from clinic.api.serializers.exceptions import ExceptionSerializer, ExceptionWritingSerializer
from clinic.models import ScheduleException

SAID = {
    "kind": "time_off",
    "doctor": "6f1b0a52-5a2f-4d39-9f2e-0f6f6b0c1a01",
    "site": "a7a2d3c4-1b5e-4f60-8a91-6d2c7e8f9d04",
    "starts_at": "2027-03-01T00:00:00+01:00",
    "ends_at": "2027-03-06T00:00:00+01:00",
    "reason": "A conference",
}
AWAY = SAID | {
    "id": "7d8e9fa0-b1c2-4d3e-8f4a-5b6c7d8e9fa1",
    "doctor_name": "Dr. Wei Chen",
    "site_name": "Berlin",
    "slot_minutes": 60,
}
ROW = OpenApiExample("Away for a week", value=AWAY, response_only=True, status_codes=["200"])
WRITTEN = OpenApiExample(
    "Away for a week", value=AWAY | {"to_be_moved": [VISIT]}, response_only=True, status_codes=["200", "201"]
)
IN_THE_WAY = {
    "error": {
        "code": "appointments_in_the_way",
        "message": "Appointments lie in this time. They would have to be moved, and the patients be told.",
        "appointments": [VISIT | {"alternatives": SLOT_TAKEN["error"]["alternatives"]}],
    }
}
REFUSED = {400: ("bad_span", "The end must lie after the start.")}


class InTheWayDetailSerializer(ErrorDetailSerializer):
    """Why it conflicts."""

    appointments = HitSerializer(many=True, required=False)


class InTheWayErrorSerializer(ErrorSerializer):
    """A refusal, perhaps with the appointments that are in the way."""

    error = InTheWayDetailSerializer()


CONFLICT: dict[int, OpenApiResponse] = {
    409: OpenApiResponse(
        InTheWayErrorSerializer,
        description=f"{MEANING[409]} `appointments_in_the_way`, `stale`.",
        examples=[OpenApiExample("appointments_in_the_way", value=IN_THE_WAY, status_codes=["409"])],
    )
}


class Exceptions(CalendarRows[ScheduleException]):
    """exceptions/."""

    queryset = ScheduleException.objects.none()
    serializer_class = ExceptionSerializer
    filterset_class = ExceptionFilters
    writing = ExceptionWritingSerializer

    def get_queryset(self) -> QuerySet[ScheduleException]:
        """Those of the doctors whom the caller may see, and closures."""
        rows = ScheduleException.objects.visible_to(self.request.user).select_related("doctor__user", "site")
        return self.narrowed(rows.order_by("starts_at", "id"))

    @extend_schema(
        operation_id="exceptions_list",
        tags=["time"],
        summary="List a doctor's time off and extra hours",
        responses={200: ExceptionSerializer(many=True), **refusals(400, *READS, examples=WHOSE)},
        examples=[ROW],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """By start; `doctor` says whose, as for `availability/`. `reason` is shown to that doctor and staff only.
        Closures, which have no doctor, are listed to staff.
        """
        return super().list(request, *args, **kwargs)

    @extend_schema(
        operation_id="exceptions_retrieve",
        tags=["time"],
        summary="One time off, or extra hours",
        responses={200: ExceptionSerializer, **refusals(*READS, examples=NOT_YOURS)},
        examples=[ROW],
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Without a doctor it is a closure: of the site, or without one of everything."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        operation_id="exceptions_create",
        tags=["time"],
        summary="Add time off or extra hours",
        request=ExceptionWritingSerializer,
        responses={
            200: ExceptionSerializer,
            201: ExceptionSerializer,
            **refusals(*ANYWHERE, 401, 403, examples=NOT_YOURS | REFUSED),
            **CONFLICT,
        },
        examples=[OpenApiExample("Away for a week", value=SAID, request_only=True), WRITTEN],
    )
    def create(self, request: Request) -> Response:
        """For administrators, and doctors in their own calendar; closures for administrators. The same again is a 200.

        If appointments lie in it, it is refused (409 `appointments_in_the_way`), and the answer lists them, with free
        times near each. With `"confirm": true` it is written: they are listed to be moved, and the patients are told.
        """
        return super().create(request)

    @extend_schema(
        operation_id="exceptions_update",
        tags=["time"],
        summary="Write time off or extra hours anew",
        request=ExceptionWritingSerializer,
        responses={200: ExceptionSerializer, **refusals(*CHANGES, examples=NOT_YOURS | REFUSED), **CONFLICT},
        examples=[OpenApiExample("Away for a week", value=SAID, request_only=True), WRITTEN],
    )
    def update(self, request: Request, pk: UUID) -> Response:
        """As PATCH, but `kind`, `starts_at` and `ends_at` have to come along; what else is not sent stays."""
        return super().update(request, pk)

    @extend_schema(
        operation_id="exceptions_partial_update",
        tags=["time"],
        summary="Change time off or extra hours",
        request=ExceptionWritingSerializer,
        responses={200: ExceptionSerializer, **refusals(*CHANGES, examples=NOT_YOURS | REFUSED), **CONFLICT},
        examples=[OpenApiExample("Back a day earlier", value={"ends_at": AWAY["ends_at"]}, request_only=True), WRITTEN],
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Who may, and what is in the way: as for POST. Patients whose time can be kept after all are told."""
        return super().partial_update(request, pk)

    @extend_schema(
        operation_id="exceptions_destroy",
        tags=["time"],
        summary="Withdraw time off or extra hours",
        responses=GONE | refusals(400, 401, 403, 404, 405, 406, 429, examples=NOT_YOURS),
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Who may: as for POST. Visits booked in extra hours stay; if any have to be moved, the answer is a 200 that
        tells which.
        """
        exception = self.get_object()
        availability.remove_exception(exception, by=caller(request), now=timezone.now())
        return self._left(exception)
