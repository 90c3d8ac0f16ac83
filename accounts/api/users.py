"""Accounts, for administrators: whom the organisation appoints, with which role, and whom it lets go."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts import staffing
from accounts.api.errors import ANYWHERE, refusals
from accounts.api.filters import UserFilters
from accounts.api.permissions import ADMINISTRATORS, caller
from accounts.api.serializers import PersonDetails
from accounts.api.strict import Email, Text, Truth
from accounts.models import Role, User

ROSA = {
    "id": "5d3c2b1a-0f9e-4d8c-b7a6-95847362f1e0",
    "email": "rosa@example.org",
    "first_name": "Rosa",
    "last_name": "Roth",
    "phone": "+4930123456",
    "language": "en",
    "role": "receptionist",
    "is_active": True,
    "is_verified": False,
    "last_login": None,
    "created_at": "2027-02-22T08:00:00Z",
}
APPOINTED = {name: ROSA[name] for name in ("email", "first_name", "last_name", "phone", "role")}
ONE = OpenApiExample("A receptionist", value=ROSA, response_only=True, status_codes=["200", "201"])
UNKNOWN = {404: ("not_found", "Not found.")}
READS = (401, 403, 405, 406, 429)


class UserSerializer(serializers.Serializer[User]):
    """An account as administrators see it; nothing by which one signs in is in it."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    phone = serializers.CharField(help_text=gettext_lazy("In international notation; empty if there is none."))
    language = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    is_active = serializers.BooleanField(help_text=gettext_lazy("Whether this person may sign in."))
    is_verified = serializers.BooleanField(source="has_proof", help_text=gettext_lazy("Whether the address is proved."))
    last_login = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class DetailsSerializer(PersonDetails):
    """What an administrator says of somebody."""

    role = Text(help_text=gettext_lazy("`patient`, `doctor`, `receptionist` or `admin`, in any letter case."))

    def validate_role(self, word: str) -> Role:
        """The role of that name."""
        try:
            return Role.parse(word)
        except ValueError:
            raise serializers.ValidationError(_("There is no such role.")) from None


class NewUserSerializer(DetailsSerializer):
    """Somebody new."""

    email = Email(help_text=gettext_lazy("An invitation is mailed to it: a link by which to set a password."))

    def create(self, told: dict[str, Any]) -> User:
        """:func:`accounts.staffing.appoint`."""
        return staffing.appoint(by=caller(self.context["request"]), now=timezone.now(), **told)


class UserChangeSerializer(DetailsSerializer):
    """Something else about somebody."""

    is_active = Truth(help_text=gettext_lazy("False lets nobody sign in any more, and ends all sign-ins at once."))

    def update(self, person: User, told: dict[str, Any]) -> User:
        """:func:`accounts.staffing.change`."""
        return staffing.change(person, by=caller(self.context["request"]), now=timezone.now(), **told)


class Users(ListModelMixin, RetrieveModelMixin, GenericViewSet[User]):
    """users/."""

    queryset = User.objects.none()
    serializer_class = UserSerializer
    filterset_class = UserFilters
    permission_classes = ADMINISTRATORS
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[User]:
        """All, for administrators."""
        return staffing.with_proof(staffing.visible_to(self.request.user))

    @extend_schema(
        operation_id="users_list",
        tags=["people"],
        summary="List the accounts",
        responses={200: UserSerializer(many=True), **refusals(400, 404, *READS)},
        examples=[ONE],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Everybody who can sign in, or could, by last name. For administrators, as all that is below users/."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        operation_id="users_retrieve",
        tags=["people"],
        summary="One account",
        responses={200: UserSerializer, **refusals(404, *READS, examples=UNKNOWN)},
        examples=[ONE],
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One account."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        operation_id="users_create",
        tags=["people"],
        summary="Appoint somebody",
        request=NewUserSerializer,
        responses={
            201: UserSerializer,
            **refusals(
                *ANYWHERE, 401, 403, examples={400: ("email_taken", "Somebody has this e-mail address already.")}
            ),
        },
        examples=[OpenApiExample("A receptionist", value=APPOINTED, request_only=True), ONE],
    )
    def create(self, request: Request) -> Response:
        """A new account. Nobody chooses its password but its owner, by a link that is mailed to the address.

        400 `email_taken` at `email`. Setting the password by the link proves the address as well.
        """
        newcomer = NewUserSerializer(data=request.data, context={"request": request})
        newcomer.is_valid(raise_exception=True)
        return self._answer(newcomer.save(), 201)

    @extend_schema(
        operation_id="users_partial_update",
        tags=["people"],
        summary="Change an account",
        request=UserChangeSerializer,
        responses={
            200: UserSerializer,
            **refusals(
                *ANYWHERE, 401, 403, 404, examples=UNKNOWN | {400: ("own_role", "You cannot change your own role.")}
            ),
        },
        examples=[OpenApiExample("Another role", value={"role": "admin"}, request_only=True), ONE],
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Names, telephone number, role, and whether the person may sign in; all of it, or nothing.

        A new role, and letting somebody go, end all his sign-ins at once. The address is changed by its owner alone.
        One's own role (`own_role`) and account (`own_account`) stay; a superuser's account is a superuser's (403).
        """
        change = UserChangeSerializer(self.get_object(), data=request.data, partial=True, context={"request": request})
        change.is_valid(raise_exception=True)
        return self._answer(change.save())

    @extend_schema(
        operation_id="users_destroy",
        tags=["people"],
        summary="Let somebody go",
        responses={
            204: OpenApiResponse(description="Nobody signs in to this account any more."),
            **refusals(
                400, 404, *READS, examples=UNKNOWN | {400: ("own_account", "You cannot deactivate your own account.")}
            ),
        },
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Deactivate the account: all sign-ins end at once, and what the person did stays. The same again is a 204."""
        staffing.deactivate(self.get_object(), by=caller(request), now=timezone.now())

        return Response(status=204)

    def _answer(self, person: User, status: int = 200) -> Response:
        return Response(UserSerializer(self.get_queryset().get(pk=person.pk)).data, status)
