"""Holding a time for a few minutes."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.errors import ANYWHERE, refusals
from accounts.integrations import Scope, Scopes
from clinic import booking
from clinic.api.callers import IDEMPOTENCY_KEY, REPLAYED, once, person, visitor
from clinic.api.conflicts import conflicts
from clinic.api.serializers.holds import (
    ExtensionSerializer,
    HoldKeySerializer,
    HoldRequestSerializer,
    HoldSerializer,
    NewHoldSerializer,
)
from clinic.booking.rules import hold_expired
from clinic.models import Appointment

HOLD = {
    "id": "2b6f3f39-77b8-4c5c-b7ad-2f1f0b9c9e10",
    "doctor": "6f1b0a52-5a2f-4d39-9f2e-0f6f6b0c1a01",
    "doctor_name": "Dr. Wei Chen",
    "site": "a7a2d3c4-1b5e-4f60-8a91-6d2c7e8f9d04",
    "site_name": "Berlin",
    "visit_type": None,
    "visit_type_name": None,
    "starts_at": "2027-03-01T09:30:00+01:00",
    "ends_at": "2027-03-01T10:00:00+01:00",
    "expires_at": "2027-02-22T09:10:00+01:00",
}
KEY = "b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184"
HOLD_KEY = OpenApiParameter(
    "Hold-Key", location=OpenApiParameter.HEADER, description="The hold's key, if the body does not bring it."
)
ASKED = OpenApiExample("A key", value={"hold_key": KEY}, request_only=True)
UNKNOWN = {404: ("not_found", "Not found.")}


class HoldsView(APIView):
    """holds/."""

    permission_classes = (AllowAny,)
    scopes = Scopes(write=Scope.APPOINTMENTS_WRITE)
    throttle_scope = "holds"

    @extend_schema(
        operation_id="holds_create",
        tags=["booking"],
        summary="Hold a time",
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request=HoldRequestSerializer,
        responses={
            201: NewHoldSerializer,
            **refusals(*ANYWHERE, 401, 422),
            **conflicts("patient_busy", "too_many_upcoming"),
        },
        examples=[
            OpenApiExample(
                "A time",
                value={"doctor": HOLD["doctor"], "starts_at": HOLD["starts_at"]},
                request_only=True,
            ),
            OpenApiExample("Held", value=HOLD | {"hold_key": KEY}, response_only=True, status_codes=["201"]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Keep a free time for ten minutes (HOLD_MINUTES), so that nobody else takes it meanwhile.

        Nobody need be signed in. A signed-in person has one hold at a time, and a new one replaces it. Callers who are
        not signed in share one hold per address, which a second does not replace (429 `one_hold_at_a_time`).

        `hold_key` is told here and never again: it books the hold (appointments/), extends and releases it.
        """
        outcome = once(request, "holds", lambda: self._hold(request).pk)
        hold = booking.live_hold(outcome.made, now=timezone.now())
        if hold is None:
            raise hold_expired()
        headers = {"Idempotent-Replayed": "true"} if outcome.is_repeated else None
        return Response(NewHoldSerializer(hold).data, 201, headers=headers)

    def _hold(self, request: Request) -> Appointment:
        context = {"request": request, "visitor": visitor(request), "by": person(request), "now": timezone.now()}
        serializer = HoldRequestSerializer(data=request.data, context=context)
        serializer.is_valid(raise_exception=True)
        hold: Appointment = serializer.save()
        return hold


class _OneHold(APIView):
    """One hold, for whoever has its key; a wrong key finds as little as a wrong id."""

    permission_classes = (AllowAny,)
    scopes = Scopes(write=Scope.APPOINTMENTS_WRITE)
    throttle_scope = "holds"

    def hold_and(self, serializer_class: Any, request: Request, pk: UUID) -> tuple[Appointment, Any]:
        """The live hold, and the serializer that was given its key."""
        body: Any = request.data
        if isinstance(body, dict) and "Hold-Key" in request.headers:
            body = {"hold_key": request.headers["Hold-Key"]} | body
        now = timezone.now()
        serializer = serializer_class(data=body, context={"now": now})
        serializer.is_valid(raise_exception=True)
        hold = None
        if booking.is_hold_key(pk, serializer.validated_data["hold_key"]):
            hold = booking.live_hold(pk, now=now)
        if hold is None:
            raise Http404
        serializer.instance = hold
        return hold, serializer


class HoldView(_OneHold):
    """holds/{id}/."""

    @extend_schema(
        operation_id="holds_release",
        tags=["booking"],
        summary="Release a hold",
        parameters=[HOLD_KEY],
        request=HoldKeySerializer,
        responses={204: None, **refusals(*ANYWHERE, 401, 404, examples=UNKNOWN)},
        examples=[ASKED],
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        """Give the time back. The key comes in the body or in the header Hold-Key, never in the address."""
        hold, _serializer = self.hold_and(HoldKeySerializer, request, pk)
        booking.release(hold)
        return Response(status=204)


class HoldExtensionView(_OneHold):
    """holds/{id}/extend/."""

    @extend_schema(
        operation_id="holds_extend",
        tags=["booking"],
        summary="Extend a hold",
        parameters=[HOLD_KEY],
        request=ExtensionSerializer,
        responses={
            200: HoldSerializer,
            **refusals(
                *(*ANYWHERE, 401, 404),
                examples=UNKNOWN | {400: ("already_extended", "This time can be kept longer only once.")},
            ),
        },
        examples=[ASKED, OpenApiExample("Held", value=HOLD, response_only=True, status_codes=["200"])],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Keep the time for another ten minutes from now (HOLD_MINUTES); once."""
        _hold, serializer = self.hold_and(ExtensionSerializer, request, pk)
        return Response(HoldSerializer(serializer.save()).data)
