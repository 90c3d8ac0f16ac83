"""One's own account, and what the clinic holds of oneself as a patient."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts import profile
from accounts.api.errors import ANYWHERE, refusals
from accounts.api.permissions import caller
from accounts.api.serializers import PatientDetails
from accounts.api.uploads import PictureForm
from accounts.models import Role, User
from accounts.models.patient import ReminderChannel

ALICE = {
    "id": "0b5f5f0e-6f0c-4a55-9d8b-1c6a1f2f7a11",
    "email": "alice@example.org",
    "first_name": "Alice",
    "last_name": "Archer",
    "role": "patient",
    "phone": "+4930123456",
    "language": "en",
    "picture": "https://clinic.example.org/people/0b5f5f0e-6f0c-4a55-9d8b-1c6a1f2f7a11/picture/",
    "patient": {
        "id": "9d2c1b0a-8f7e-4d6c-b5a4-39281706f5e4",
        "date_of_birth": "1990-05-17",
        "insurance_provider": "AOK",
        "insurance_number": "A123456789",
        "emergency_contact": "Adam Archer, +4930654321",
        "reminder_channel": "email",
    },
}


class OwnPatientSerializer(serializers.Serializer[Any]):
    """What the clinic knows of a patient, for herself."""

    id = serializers.UUIDField()
    date_of_birth = serializers.DateField(allow_null=True)
    insurance_provider = serializers.CharField()
    insurance_number = serializers.CharField()
    emergency_contact = serializers.CharField()
    reminder_channel = serializers.ChoiceField(choices=ReminderChannel.choices)


class MeSerializer(serializers.Serializer[User]):
    """An account, for its owner."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    phone = serializers.CharField(help_text=_("In international notation; empty if there is none."))
    language = serializers.CharField()
    picture = serializers.SerializerMethodField(help_text=_("Where it is, for those who may see it; null without one."))
    patient = serializers.SerializerMethodField(help_text=_("What is kept of you as a patient; null if you are none."))

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_picture(self, user: User) -> str | None:
        """The picture's address."""
        return reverse("picture", args=[user.pk], request=self.context["request"]) if user.picture else None

    @extend_schema_field(OwnPatientSerializer(allow_null=True))
    def get_patient(self, user: User) -> dict[str, Any] | None:
        """In full: it is his own."""
        patient = getattr(user, "patient", None)
        return None if patient is None else OwnPatientSerializer(patient).data


class OwnDetailsSerializer(PatientDetails):
    """What one says about oneself. Whatever else is sent means nothing."""

    language = serializers.ChoiceField(choices=settings.LANGUAGES)
    picture = serializers.FileField(
        allow_null=True, help_text=_("JPEG, PNG or WebP of at most 5 MB, as a form (multipart); null takes it away.")
    )

    def update(self, user: User, told: dict[str, Any]) -> User:
        """:mod:`accounts.profile`: all of it, or nothing."""
        is_redrawn, picture = "picture" in told, told.pop("picture", None)
        with transaction.atomic():
            person = profile.update(user, by=user, now=timezone.now(), **told)
            # Last: what fails after it would leave its file behind.
            if is_redrawn and picture is None:
                person = profile.remove_picture(user, by=user)
            elif is_redrawn:
                person = profile.set_picture(user, picture, by=user)
        return person


class MeView(APIView):
    """users/me/."""

    parser_classes = (*APIView.parser_classes, PictureForm)

    @extend_schema(
        operation_id="me_retrieve",
        tags=["people"],
        summary="Your own account",
        responses={200: MeSerializer, **refusals(401, 405, 406, 429)},
        examples=[OpenApiExample("Alice", value=ALICE, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        """Who you are to us, and, if you are a patient, what is kept of you; the insurance number in full."""
        return Response(MeSerializer(caller(request), context={"request": request}).data)

    @extend_schema(
        operation_id="me_partial_update",
        tags=["people"],
        summary="Change your details",
        request={"application/json": OwnDetailsSerializer, "multipart/form-data": OwnDetailsSerializer},
        responses={
            200: MeSerializer,
            **refusals(*ANYWHERE, 401, examples={400: ("not_a_patient", "Only patients have this detail.")}),
        },
        examples=[
            OpenApiExample(
                "Another number", value={"phone": "+4930123456"}, request_only=True, media_type="application/json"
            ),
            OpenApiExample(
                "A picture", value={"picture": "(a file)"}, request_only=True, media_type="multipart/form-data"
            ),
            OpenApiExample("Alice", value=ALICE, response_only=True, status_codes=["200"]),
        ],
    )
    def patch(self, request: Request) -> Response:
        """Some of your details; all that you send, or nothing. As JSON, or, to bring a picture, as a form.

        Your address and your password are changed elsewhere, your role by administrators: here they mean nothing, nor
        does any other field that we do not know. 400 at the field: `bad_date_of_birth`, `not_a_patient`,
        `empty_picture`, `picture_too_large`, `not_a_picture`.
        """
        details = OwnDetailsSerializer(caller(request), data=request.data, partial=True)
        details.is_valid(raise_exception=True)
        return Response(MeSerializer(details.save(), context={"request": request}).data)
