"""Booked appointments."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer, extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.errors import ANYWHERE, CHANGES, refusals
from clinic.api.callers import IDEMPOTENCY_KEY, IF_MATCH, REPLAYED, etag, once
from clinic.api.conflicts import conflicts
from clinic.api.serializers.appointments import (
    AppointmentSerializer,
    BookingSerializer,
    CancellationSerializer,
    HoldBookingSerializer,
    MoveSerializer,
)
from clinic.api.visits import BOOKED, ONE, UNKNOWN, Steps
from clinic.models import Appointment

BY_TIME = {"doctor": BOOKED["doctor"], "starts_at": BOOKED["starts_at"], "reason": BOOKED["reason"]}
BY_HOLD = {"hold": BOOKED["id"], "hold_key": "b1946ac92492d2347c6235b4d261118…", "reason": BOOKED["reason"]}


class Appointments(ListModelMixin, RetrieveModelMixin, Steps):
    """appointments/."""

    @extend_schema(
        operation_id="appointments_list",
        tags=["booking"],
        summary="List the appointments that you may see",
        responses={200: AppointmentSerializer(many=True), **refusals(400, 401, 404, 405, 406, 429)},
        examples=[ONE],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A patient's own; for a doctor those with him; for staff all. By start, unless a filter says otherwise."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        operation_id="appointments_retrieve",
        tags=["booking"],
        summary="One appointment",
        parameters=[etag(200)],
        responses={200: AppointmentSerializer, **refusals(401, 404, 405, 406, 429, examples=UNKNOWN)},
        examples=[ONE],
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One that you may see; another's is a 404, as one that does not exist. `ETag` is its version."""
        return self._answer(self.get_object())

    @extend_schema(
        operation_id="appointments_create",
        tags=["booking"],
        summary="Book",
        parameters=[IDEMPOTENCY_KEY, REPLAYED, etag(201)],
        request=PolymorphicProxySerializer(
            component_name="NewAppointment",
            serializers=[BookingSerializer, HoldBookingSerializer],
            resource_type_field_name=None,
        ),
        responses={
            201: AppointmentSerializer,
            **refusals(
                *(*ANYWHERE, 401, 403, 422),
                examples={
                    400: ("outside_hours", "The doctor does not see patients at this time."),
                    422: ("idempotency_mismatch", "This key came with another request before."),
                },
            ),
            **conflicts("patient_busy", "too_many_upcoming"),
        },
        examples=[
            OpenApiExample("A free time", value=BY_TIME, request_only=True),
            OpenApiExample("A time on hold", value=BY_HOLD, request_only=True),
            ONE,
        ],
    )
    def create(self, request: Request) -> Response:
        """Book a free time, or the time that a hold keeps.

        Patients book for themselves. Doctors and staff add `patient`: a doctor one whom he has treated, for his own
        calendar; staff anybody, and with `override_reason` over the doctor's hours and visits.
        """
        outcome = once(request, "appointments", lambda: self._book(request).pk)
        booked = self.get_queryset().filter(pk=outcome.made).first()
        if booked is None:
            raise Http404
        headers = {"Idempotent-Replayed": "true"} if outcome.is_repeated else {}
        return self._answer(booked, 201, headers)

    def _book(self, request: Request) -> Appointment:
        by_hold = isinstance(request.data, dict) and "hold" in request.data
        asked = HoldBookingSerializer if by_hold else BookingSerializer
        serializer = asked(data=request.data, context=self._context())
        serializer.is_valid(raise_exception=True)
        booked: Appointment = serializer.save()
        return booked

    @extend_schema(
        operation_id="appointments_reschedule",
        tags=["booking"],
        summary="Move",
        parameters=[IF_MATCH, etag(200)],
        request=MoveSerializer,
        responses={
            200: AppointmentSerializer,
            **refusals(*CHANGES, examples=UNKNOWN | {400: ("too_late_to_cancel", "It is too late to move it online.")}),
            **conflicts("patient_busy", "already_final", "stale"),
        },
        examples=[
            OpenApiExample("Another time", value={"starts_at": "2027-03-02T11:00:00+01:00"}, request_only=True),
            ONE,
        ],
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def reschedule(self, request: Request, pk: UUID) -> Response:
        """Move it to another free time, perhaps of another doctor. It keeps its id and reference.

        The old time is given up only if the new one is secured. Patients may until `cancellable_until`.
        """
        return self._change(MoveSerializer)

    @extend_schema(
        operation_id="appointments_cancel",
        tags=["booking"],
        summary="Cancel",
        parameters=[IF_MATCH, etag(200)],
        request=CancellationSerializer,
        responses={
            200: AppointmentSerializer,
            **refusals(
                *CHANGES, 409, examples=UNKNOWN | {400: ("too_late_to_cancel", "It is too late to cancel online.")}
            ),
        },
        examples=[OpenApiExample("Why", value={"reason": "I am well again."}, request_only=True), ONE],
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def cancel(self, request: Request, pk: UUID) -> Response:
        """Give it up; the time is free at once. Patients may until `cancellable_until`; doctors and staff say why."""
        return self._change(CancellationSerializer)

    @extend_schema(
        operation_id="appointments_destroy",
        tags=["booking"],
        summary="Cancel (the same)",
        parameters=[IF_MATCH, etag(200)],
        request=CancellationSerializer,
        responses={200: AppointmentSerializer, **refusals(*CHANGES, 409, examples=UNKNOWN)},
        examples=[ONE],
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        """As POST cancel/: nothing is deleted, and the answer is the cancelled appointment."""
        return self._change(CancellationSerializer)
