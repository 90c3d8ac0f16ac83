"""Free times."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.errors import refusals
from accounts.integrations import Scope, Scopes
from clinic import slots
from clinic.api.serializers.slots import OpeningsQuery, SlotsQuery, SlotsSerializer
from clinic.models import Doctor
from clinic.models.doctor import DoctorQuerySet
from clinic.slots import Slot, Span

SLOT = {
    "doctor": "6f1b0a52-5a2f-4d39-9f2e-0f6f6b0c1a01",
    "doctor_name": "Dr. Wei Chen",
    "site": "a7a2d3c4-1b5e-4f60-8a91-6d2c7e8f9d04",
    "site_name": "Berlin",
    "starts_at": "2027-03-01T09:30:00+01:00",
    "ends_at": "2027-03-01T10:00:00+01:00",
    "visit_type": None,
    "status": "free",
}
ANSWERED = OpenApiExample(
    "One slot",
    value={"count": 1, "next": None, "previous": None, "results": [SLOT]},
    response_only=True,
    status_codes=["200"],
)
REFUSED = {
    400: ("whose", "Say whose times you want: doctor, specialty, department or site."),
    404: ("not_found", "Not found."),
}


def _doctors(asked: dict[str, Any], *, every_status: bool = False) -> DoctorQuerySet:
    """Those whom the query means, of whom a patient may book; with ``every_status`` all of the directory."""
    doctors = Doctor.objects.public() if every_status else Doctor.objects.bookable_online()
    for name, field in (("doctor", "pk"), ("specialty", "specialties"), ("department", "departments")):
        if name in asked:
            doctors = doctors.filter(**{field: asked[name].pk})
    if "site" in asked:
        doctors = doctors.at(asked["site"].pk)
    if "visit_type" in asked:
        doctors = doctors.filter(visit_types=asked["visit_type"])
    return doctors.select_related("user")


def _place_and_kind(asked: dict[str, Any]) -> dict[str, Any]:
    site = asked.get("site")
    return {"site": site.pk if site else None, "visit_type": asked.get("visit_type")}


def _answer(found: list[Slot]) -> Response:
    page = {"count": len(found), "next": None, "previous": None, "results": found}
    return Response(SlotsSerializer(page).data)


class SlotsView(APIView):
    """slots/."""

    permission_classes = (AllowAny,)
    scopes = Scopes(read=Scope.DIRECTORY_READ)

    @extend_schema(
        operation_id="slots_list",
        tags=["time"],
        summary="Find free times",
        parameters=[SlotsQuery],
        responses={
            200: SlotsSerializer,
            **refusals(
                *(400, 401, 403, 404, 405, 406, 429),
                examples=REFUSED | {403: ("permission_denied", "Only staff see what is not free.")},
            ),
        },
        examples=[ANSWERED],
    )
    def get(self, request: Request) -> Response:
        """The free times of a doctor, or of all doctors of a specialty, department or site; earliest first.

        `from` and `to` are two days, each beginning at midnight of the site where the visit would be, or two instants
        with their offset; `to` is not included. A week from now unless they are given, 31 days at most.

        What is answered can be booked: hours, extra hours, time off, appointments, holds, notice and horizon are looked
        at as booking does. A doctor who takes no online bookings at present has no free times; a doctor, specialty,
        department, site or visit type that does not exist is a 404.
        """
        now = timezone.now()
        query = SlotsQuery(data=request.query_params, context={"request": request, "now": now})
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        every_status = asked["status"] == "all"
        if every_status and not getattr(request.user, "is_staff", False):
            raise PermissionDenied
        doctors = list(_doctors(asked, every_status=every_status))
        found = slots.search(
            doctors,
            asked["span"],
            now=now,
            limit=asked["limit"],
            every_status=every_status,
            **_place_and_kind(asked),
        )
        return _answer(found)


class NextSlotsView(APIView):
    """slots/next/."""

    permission_classes = (AllowAny,)
    scopes = Scopes(read=Scope.DIRECTORY_READ)

    @extend_schema(
        operation_id="slots_next",
        tags=["time"],
        summary="Find each doctor's first free time",
        parameters=[OpeningsQuery],
        responses={200: SlotsSerializer, **refusals(400, 401, 404, 405, 406, 429, examples=REFUSED)},
        examples=[ANSWERED],
    )
    def get(self, request: Request) -> Response:
        """The first free time of each doctor whom the query means; the doctor who is free first comes first.

        Looks from `from` (else now) to `to`, else as far ahead as can be booked. A doctor without a free time is left
        out.
        """
        now = timezone.now()
        query = OpeningsQuery(data=request.query_params, context={"request": request, "now": now})
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        firsts = slots.first_openings(
            list(_doctors(asked)), now=now, start=asked.get("from"), limit=asked["limit"], **_place_and_kind(asked)
        ).values()
        end = asked.get("to")
        found = [opening[0] for opening in firsts if end is None or _is_before(opening[0], end)]
        return _answer(found[: asked["limit"]])


def _is_before(slot: Slot, end: Any) -> bool:
    """Whether the slot starts before ``end``, as its site understands it."""
    limit: datetime = Span(end, end).at(slot.site.zone)[1]
    return slot.starts_at < limit
