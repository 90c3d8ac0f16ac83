"""What the schema says of refusals; every endpoint lists its own with ``refusals``."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers


class ErrorDetailSerializer(serializers.Serializer[Any]):
    """Why something was refused."""

    code = serializers.CharField(help_text=_("A word for programs; it does not change."))
    message = serializers.CharField(help_text=_("A sentence for people."))
    fields = serializers.DictField(  # type: ignore[assignment]  # the API's word; DRF declares fields by a metaclass
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text=_("Sentences by the name of the field that they are about."),
    )


class ErrorSerializer(serializers.Serializer[Any]):
    """The one shape of every refusal."""

    error = ErrorDetailSerializer()


MEANING = {
    400: _("Malformed, or not allowed now."),
    401: _("No credentials, or none that are good (any more)."),
    403: _("Your role does not allow it."),
    404: _("It does not exist, or not for you."),
    405: _("This method is not allowed here."),
    406: _("Only JSON is answered."),
    409: _("It conflicts with what is there."),
    413: _("The body is too large."),
    415: _("The body has to be of another type."),
    422: _("The same Idempotency-Key came with another body before."),
    429: _("Too many requests; Retry-After tells the seconds to wait."),
}
ANYWHERE = (400, 405, 406, 413, 415, 429)
"""What any endpoint with a body may answer."""
CHANGES = (*ANYWHERE, 401, 403, 404)
"""What one that changes something may."""


def refusals(
    *statuses: int, examples: Mapping[int, tuple[str, str]] | None = None, shape: Any = ErrorSerializer
) -> dict[int, OpenApiResponse]:
    """The schema's entries for ``statuses``; ``examples`` gives the code and the message of some."""
    return {
        status: OpenApiResponse(
            response=shape,
            description=str(MEANING[status]),
            examples=[
                OpenApiExample(code, value={"error": {"code": code, "message": message}}, status_codes=[str(status)])
                for code, message in [(examples or {}).get(status, ("", ""))]
                if code
            ],
        )
        for status in statuses
    }
