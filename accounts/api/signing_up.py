"""Signing up through the API: register, then prove the address."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import registration, verification
from accounts.api.errors import ANYWHERE, refusals
from accounts.api.public import PublicView
from accounts.api.serializers import PersonDetails
from accounts.api.strict import Day, Email, Password, Text
from accounts.models import Role


class RegistrationSerializer(PersonDetails):
    """What a newcomer tells."""

    email = Email(help_text=_("What you sign in with. A code is mailed to it."))
    password = Password(help_text=_("At least eight characters, and not easily guessed."))
    password_confirm = Password(required=False, help_text=_("If given, the same again."))
    date_of_birth = Day(required=False)
    insurance_provider = Text(
        max_length=100, required=False, allow_blank=True, write_only=True, validators=[registration.one_line]
    )
    insurance_number = Text(
        max_length=100, required=False, allow_blank=True, write_only=True, validators=[registration.one_line]
    )
    role = Text(
        required=False,
        help_text=_("`patient` (also `member`, `user`) or `doctor` (a patient until approved), in any letter case."),
    )

    def validate_role(self, word: str) -> Role:
        """The role of that name."""
        try:
            return Role.parse(word)
        except ValueError:
            raise serializers.ValidationError(_("There is no such role.")) from None

    def validate(self, told: dict[str, Any]) -> dict[str, Any]:
        """The passwords are the same."""
        if told.pop("password_confirm", told["password"]) != told["password"]:
            raise serializers.ValidationError({"password_confirm": [_("The two passwords are not the same.")]})
        return told

    def create(self, told: dict[str, Any]) -> dict[str, Any]:
        """Sign up, and write to whoever owns the address. What was told comes back, whatever came of it."""
        now = timezone.now()
        registration.sign_up(**told, now=now)
        verification.write_to(told["email"], now=now)
        return told | {"email": registration.normal_address(told["email"]), "role": Role.PATIENT}


class NewcomerSerializer(serializers.Serializer[Any]):
    """The same for an address that is known."""

    email = serializers.EmailField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    role = serializers.CharField(help_text=_("`patient`"))


class VerificationSerializer(serializers.Serializer[Any]):
    """The code that was mailed."""

    email = Email()
    code = Text(max_length=20, help_text=_("Six digits. Valid for 15 minutes and five attempts."))

    def create(self, told: dict[str, Any]) -> dict[str, Any]:
        """Prove the address."""
        verification.verify(told["email"], told["code"], now=timezone.now())
        return told


class RegisterView(PublicView):
    """auth/register/."""

    throttle_scope = "sign-up"

    @extend_schema(
        operation_id="register",
        tags=["auth"],
        summary="Sign up",
        request=RegistrationSerializer,
        responses={
            201: NewcomerSerializer,
            **refusals(*ANYWHERE, 403, examples={403: ("permission_denied", "Nobody can sign up for this role.")}),
        },
        examples=[
            OpenApiExample(
                "A patient",
                request_only=True,
                value={
                    "email": "alice@example.org",
                    "password": "a long sentence of mine",
                    "first_name": "Alice",
                    "last_name": "Archer",
                    "phone": "+4930123456",
                    "date_of_birth": "1990-05-17",
                },
            ),
            OpenApiExample(
                "Whatever is known of the address",
                response_only=True,
                status_codes=["201"],
                value={"email": "alice@example.org", "first_name": "Alice", "last_name": "Archer", "role": "patient"},
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """A new patient. A six-digit code is mailed to the address; until it is proved nobody signs in.

        The answer is the same for an address that has an account: its owner gets a mail, and nothing changes. With the
        role `doctor` an application is filed; `admin` and `receptionist` are refused (403), for staff is appointed.
        """
        newcomer = RegistrationSerializer(data=request.data)
        newcomer.is_valid(raise_exception=True)
        return Response(NewcomerSerializer(newcomer.save()).data, status=201)


class VerifyEmailView(PublicView):
    """auth/verify-email/."""

    throttle_scope = "sign-in"

    @extend_schema(
        operation_id="verify_email",
        tags=["auth"],
        summary="Prove the address",
        request=VerificationSerializer,
        responses={
            204: OpenApiResponse(description="Proved: you can sign in."),
            **refusals(*ANYWHERE, examples={400: ("invalid_code", "This code is not right, or not any more.")}),
        },
        examples=[OpenApiExample("A code", value={"email": "alice@example.org", "code": "123456"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Prove the address by the six digits that were mailed to it.

        A wrong code, an old one, too many guesses and an unknown address are refused alike: 400 `invalid_code`. Signing
        in with the right password has a new code mailed.
        """
        proof = VerificationSerializer(data=request.data)
        proof.is_valid(raise_exception=True)
        proof.save()
        return Response(status=204)
