"""Files beside a record."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.errors import refusals
from accounts.api.permissions import caller
from accounts.api.strict import Text
from records import access, attachments
from records.api.asking import context, record_or_404
from records.api.records import CHANGES, READS, UNKNOWN
from records.files import LONGEST_NAME
from records.models import Attachment, FileKind
from records.views.files import answer

XRAY = {
    "id": "f0d6d3b0-2f5c-4f0e-8a39-4b7a4e9b3c10",
    "name": "knee.png",
    "kind": "image/png",
    "size": 120_334,
    "created_at": "2027-03-01T08:50:00Z",
}


class AttachmentSerializer(serializers.Serializer[Attachment]):
    """A file beside a record."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=FileKind.choices)
    size = serializers.IntegerField(help_text=_("Bytes."))
    created_at = serializers.DateTimeField()


class NewAttachmentSerializer(serializers.Serializer[Attachment]):
    """The file, and how it shall be called."""

    file = serializers.FileField(allow_empty_file=True, help_text=_("A PDF, JPEG or PNG of at most 10 MB."))
    name = Text(required=False, allow_blank=True, max_length=LONGEST_NAME, help_text=_("Else the file's own."))

    def create(self, told: dict[str, Any]) -> Attachment:
        """:func:`records.attachments.add`."""
        asked = self.context
        name = told.get("name", "")
        return attachments.add(asked["record"], upload=told["file"], by=asked["by"], now=asked["now"], name=name)


class AttachmentsView(GenericAPIView[Attachment]):
    """medical-records/{id}/attachments/."""

    queryset = Attachment.objects.none()
    serializer_class = AttachmentSerializer
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="attachments_list",
        tags=["records"],
        summary="The files beside a record",
        responses={200: AttachmentSerializer(many=True), **refusals(*READS, examples=UNKNOWN)},
        examples=[OpenApiExample("An X-ray", value=XRAY, response_only=True)],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Their names and kinds, for whoever may read the record; written down like a reading."""
        found = access.open_attachments(record_or_404(request, pk), by=caller(request), now=timezone.now())
        page: Any = self.paginate_queryset(found)
        return self.get_paginated_response(AttachmentSerializer(page, many=True).data)

    @extend_schema(
        operation_id="attachments_create",
        tags=["records"],
        summary="Put a file beside a record",
        request={"multipart/form-data": NewAttachmentSerializer},
        responses={
            201: AttachmentSerializer,
            **refusals(*CHANGES, examples=UNKNOWN | {400: ("bad_file", "Choose a PDF, or a picture (JPEG or PNG).")}),
        },
        examples=[
            OpenApiExample(
                "A file",
                value={"file": "knee.png", "name": ""},
                request_only=True,
                media_type="multipart/form-data",
            ),
            OpenApiExample("An X-ray", value=XRAY, response_only=True, status_codes=["201"]),
        ],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """For the doctor who wrote the record, as long as it may be written. What the file is, its content says and not
        its name; pictures are drawn anew.

        400 at `file`: `empty_file`, `file_too_large`, `bad_file`; `too_many_files` beyond twenty.
        """
        asked = context(request) | {"record": record_or_404(request, pk)}
        serializer = NewAttachmentSerializer(data=request.data, context=asked)
        serializer.is_valid(raise_exception=True)
        return Response(AttachmentSerializer(serializer.save()).data, 201)


class AttachmentView(APIView):
    """medical-records/{id}/attachments/{attachment_id}/."""

    @extend_schema(
        operation_id="attachments_retrieve",
        tags=["records"],
        summary="One file",
        responses={
            (200, "application/octet-stream"): OpenApiResponse(
                OpenApiTypes.BINARY, description="The file, to be saved."
            ),
            **refusals(*READS, examples=UNKNOWN),
        },
        examples=[
            OpenApiExample("A PDF", value="%PDF-1.7 …", response_only=True, media_type="application/octet-stream")
        ],
    )
    def get(self, request: Request, pk: UUID, attachment_id: UUID) -> HttpResponse:
        """What is in it (`Content-Disposition: attachment`), for whoever may read the record; written down."""
        return answer(attachment_id, by=caller(request), record=pk)
