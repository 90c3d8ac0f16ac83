"""Opening a chart in an emergency."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.confirming import check_code, check_password
from accounts.api.errors import ANYWHERE, refusals
from accounts.api.permissions import PEOPLE
from accounts.api.strict import Code, Password, Text
from accounts.models import Patient
from records import access, emergency
from records.api.asking import context
from records.api.charts import PATIENT, UNKNOWN
from records.models import EmergencyAccess


class EmergencySerializer(serializers.Serializer[EmergencyAccess]):
    """Why it is urgent, and your password or a code of your second factor."""

    reason = Text(max_length=2000, help_text=_("At least ten characters; the patient reads them."))
    password = Password(max_length=1024, required=False)
    code = Code()

    def validate(self, told: dict[str, Any]) -> dict[str, Any]:
        """The reason first: nobody spends a code on a request that is refused."""
        emergency.check_reason(told["reason"])
        password, code = told.pop("password", ""), told.pop("code", "").strip()
        if not password and not code:
            sentence = _("Send your password, or a code of your second factor.")
            raise serializers.ValidationError({"password": sentence}, code="required")
        try:
            if code:
                check_code(self.context["request"], code)
            else:
                check_password(self.context["request"], password)
        except serializers.ValidationError as refusal:
            raise serializers.ValidationError({"code" if code else "password": refusal.detail}) from refusal
        return told

    def create(self, told: dict[str, Any]) -> EmergencyAccess:
        """:func:`records.emergency.open_chart`."""
        context = self.context
        return emergency.open_chart(context["patient"], by=context["by"], now=context["now"], reason=told["reason"])


class EmergencyAccessSerializer(serializers.Serializer[EmergencyAccess]):
    """One chart, for a while."""

    id = serializers.UUIDField()
    patient = serializers.UUIDField(source="chart_id")
    expires_at = serializers.DateTimeField()


class MayBreakTheGlass(BasePermission):
    """Doctors who are let in, and administrators; whose chart it is does not matter for that."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether emergencies are for the caller at all."""
        return access.may_break_the_glass(request.user)


class EmergencyAccessView(APIView):
    """patients/{id}/emergency-access/."""

    permission_classes = (*PEOPLE, MayBreakTheGlass)
    throttle_scope = "sign-in"

    @extend_schema(
        operation_id="emergency_access_create",
        tags=["records"],
        summary="Open a chart in an emergency",
        request=EmergencySerializer,
        responses={
            201: EmergencyAccessSerializer,
            **refusals(
                *(*ANYWHERE, 401, 403, 404),
                examples=UNKNOWN
                | {400: ("reason_too_short", "Please say in at least 10 characters why this is urgent.")},
            ),
        },
        examples=[
            OpenApiExample(
                "An accident",
                value={"reason": "Unconscious after an accident, allergies unknown.", "password": "…"},
                request_only=True,
            ),
            OpenApiExample(
                "Open",
                value={
                    "id": "3a1f6f2e-54a1-4a52-8a34-0b4c4a0f9e21",
                    "patient": PATIENT,
                    "expires_at": "2027-03-01T09:31:07Z",
                },
                response_only=True,
            ),
        ],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """You may read this one chart, and its records, for an hour (EMERGENCY_ACCESS_MINUTES), and change nothing. The
        patient and the privacy officers are told, and see why.

        400 at the field: `reason_too_short`, `wrong_password`, `wrong_code`, `no_password`. After several 429.
        """
        serializer = EmergencySerializer(data=request.data, context=context(request) | {"patient": pk})
        serializer.is_valid(raise_exception=True)
        try:
            opened = serializer.save()
        except Patient.DoesNotExist:
            raise Http404 from None
        return Response(EmergencyAccessSerializer(opened).data, 201)
