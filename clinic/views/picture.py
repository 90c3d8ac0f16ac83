"""People's pictures: no file is served by its place on the disk."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from accounts import pictures
from accounts.api.authentication import FamilyAuthentication
from accounts.models import User
from clinic import faces
from clinic.models import Doctor

HEADERS = {
    # Whatever a browser might take it for, it does nothing.
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@require_safe
def picture(request: HttpRequest, pk: UUID) -> FileResponse:
    """Somebody's picture, for those who may see it; 404 for another's as for none."""
    found = faces.picture_of(pk, viewer=_bearer(request) or request.user)
    if found is None:
        raise Http404
    try:
        content = found.open()
    except FileNotFoundError as error:
        raise Http404 from error
    # The name on the disk is nobody's business.
    return FileResponse(content, filename="picture.jpg", content_type=pictures.CONTENT_TYPE, headers=HEADERS)


@require_safe
def of_doctor(request: HttpRequest, pk: UUID) -> FileResponse:
    """The picture of a doctor in the directory, by the id that the public knows of him; 404 if there is none."""
    return picture(request, get_object_or_404(Doctor.objects.public(), pk=pk).user_id)


def _bearer(request: HttpRequest) -> User | None:
    """Who bears the access token that came along: the API gives out this address. A bad one is nobody's."""
    try:
        found = FamilyAuthentication().authenticate(Request(request))
    except APIException:
        return None
    return found[0] if found else None
