"""The API's root, and what answers where nothing is."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts.api.errors import refusals
from scheduler.errors import not_found

LINKED = {
    "departments": "api-department-list",
    "sites": "api-site-list",
    "specialties": "api-specialty-list",
    "visit-types": "api-visit-type-list",
    "doctors": "api-doctor-list",
    "availability": "api-availability-list",
    "exceptions": "api-exception-list",
    "slots": "api-slots",
    "slots/next": "api-next-slots",
    "holds": "api-holds",
    "appointments": "api-appointment-list",
    "auth/register": "register",
    "auth/verify-email": "verify-email",
    "auth/login": "login",
    "auth/token": "token",
    "auth/token/refresh": "token-refresh",
    "auth/logout": "logout",
    "auth/password/change": "password-change",
    "auth/password/reset": "password-reset",
    "users": "api-user-list",
    "users/me": "me",
    "patients": "api-patient-list",
    "patients/me": "api-patient-me",
    "medical-records": "api-medical-record-list",
    "stats": "api-stats",
    "schema": "schema",
    "docs": "docs",
    "redoc": "redoc",
}
"""What the root tells the addresses of, and how they are called here."""


class RootSerializer(serializers.Serializer[Any]):
    """That the API is there, and where to go on."""

    status = serializers.CharField(help_text="`ok`")
    links = serializers.DictField(child=serializers.URLField(), help_text=gettext_lazy("Addresses by name."))


class RootView(APIView):
    """The API's root."""

    # Whatever credentials come along: that the API answers is no secret.
    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="root",
        tags=["site"],
        summary="Where everything is",
        responses={200: RootSerializer, **refusals(405, 406, 429)},
        examples=[
            OpenApiExample(
                "The root",
                value={"status": "ok", "links": {"doctors": "https://clinic.example.org/api/v1/doctors/"}},
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """`ok`, and the addresses of the API by name."""
        return Response(
            {"status": "ok", "links": {what: reverse(name, request=request) for what, name in LINKED.items()}}
        )


@csrf_exempt  # nothing is done here; a stranger's POST is told that nothing is there, not that it lacks a token
def nothing_here(request: HttpRequest) -> HttpResponse:
    """404 in JSON for every address below /api/ that is none."""
    return not_found(request, NoReverseMatch(_("Not found.")))
