"""Medical records."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from accounts.api.errors import ANYWHERE, refusals
from accounts.api.permissions import caller
from clinic.api.callers import IF_MATCH, etag
from records import access
from records.api.asking import context
from records.api.serializers.records import (
    MedicalRecordSerializer,
    NewRecordSerializer,
    RecordChangeSerializer,
    RevisionSerializer,
    SignatureSerializer,
)
from records.models import MedicalRecord

RECORD = {
    "id": "7c0f3f6a-3f0e-4a4e-9d3f-5c6a1e2b3d41",
    "appointment": "2b6f3f39-77b8-4c5c-b7ad-2f1f0b9c9e10",
    "patient": "9d2c1b0a-8f7e-4d6c-b5a4-39281706f5e4",
    "patient_name": "Alice Archer",
    "doctor": "6f1b0a52-5a2f-4d39-9f2e-0f6f6b0c1a01",
    "doctor_name": "Dr. Wei Chen",
    "visited_at": "2027-03-01T09:30:00+01:00",
    "diagnosis": "Acute bronchitis",
    "prescription": "Rest, and plenty of tea.",
    "notes": "No fever.",
    "version": 1,
    "written_at": "2027-03-01T08:45:00Z",
    "signed_at": None,
}
TEXTS = {name: RECORD[name] for name in ("diagnosis", "prescription", "notes")}
EARLIER = {
    **TEXTS,
    "version": 1,
    "written_at": "2027-03-01T08:45:00Z",
    "replaced_at": "2027-03-03T09:00:00Z",
    "reason": "The result came in.",
    "was_signed": True,
}
ONE = OpenApiExample("A record", value=RECORD, response_only=True, status_codes=["200", "201"])
UNKNOWN = {404: ("not_found", "Not found.")}
CHANGES = (*ANYWHERE, 401, 403, 404, 409)
READS = (401, 404, 405, 406, 429)


class RecordFilters(filters.FilterSet):
    """Of medical records; an id that does not exist, or is not for you, finds none."""

    patient = filters.UUIDFilter("chart", label="A patient's id.")
    doctor = filters.UUIDFilter("doctor", label="The id of the doctor who wrote it.")
    appointment = filters.UUIDFilter("appointment", label="A visit's id.")

    class Meta:
        model = MedicalRecord
        fields: tuple[str, ...] = ()


class MedicalRecords(GenericViewSet[MedicalRecord]):
    """medical-records/."""

    queryset = MedicalRecord.objects.none()
    serializer_class = MedicalRecordSerializer
    filterset_class = RecordFilters
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[MedicalRecord]:
        """Those that the caller may read, without what they say."""
        return access.records(self.request.user, now=timezone.now())

    @extend_schema(
        operation_id="medical_records_list",
        tags=["records"],
        summary="List the medical records that you may read",
        responses={200: MedicalRecordSerializer(many=True), **refusals(400, *READS)},
        examples=[ONE],
    )
    def list(self, request: Request) -> Response:
        """A patient's own, drafts included; for a doctor those of the patients whom he treats; of others the page is
        empty. The latest first. That you read each of the page is written down, and the patient sees it.
        """
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        opened = access.open_records(*(page or ()), by=caller(request), now=timezone.now(), what="listed")
        return self.get_paginated_response(MedicalRecordSerializer(opened, many=True).data)

    @extend_schema(
        operation_id="medical_records_retrieve",
        tags=["records"],
        summary="One medical record",
        parameters=[etag(200)],
        responses={200: MedicalRecordSerializer, **refusals(*READS, examples=UNKNOWN)},
        examples=[ONE],
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """One that you may read; another's is a 404, as one that does not exist. The reading is written down."""
        return self._answer(pk)

    @extend_schema(
        operation_id="medical_records_create",
        tags=["records"],
        summary="Write the record of a visit",
        request=NewRecordSerializer,
        responses={
            201: MedicalRecordSerializer,
            **refusals(
                *(*ANYWHERE, 401, 403, 409),
                examples={
                    400: ("not_yet", "The visit has not begun."),
                    409: ("record_exists", "There is a record of this visit already."),
                },
            ),
        },
        examples=[
            OpenApiExample("Bronchitis", value={"appointment": RECORD["appointment"], **TEXTS}, request_only=True),
            ONE,
        ],
    )
    def create(self, request: Request) -> Response:
        """For the visit's doctor, from its start until RECORD_WRITING_DAYS later; the patient is told that there is
        something to read.

        403 for whoever sees the visit and is not its doctor. 400 `not_yet`, `too_late_to_write`, `not_a_visit` (it was
        cancelled, or nobody came), `empty_record`; 409 `record_exists`.
        """
        serializer = NewRecordSerializer(data=request.data, context=context(request))
        serializer.is_valid(raise_exception=True)
        return self._answer(serializer.save().pk, 201)

    @extend_schema(
        operation_id="medical_records_partial_update",
        tags=["records"],
        summary="Change, or amend, a record",
        parameters=[IF_MATCH, etag(200)],
        request=RecordChangeSerializer,
        responses={
            200: MedicalRecordSerializer,
            **refusals(*CHANGES, examples=UNKNOWN | {400: ("reason_required", "Please say why you amend it.")}),
        },
        examples=[OpenApiExample("A word", value={"notes": "No fever any more."}, request_only=True), ONE],
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """For the doctor who wrote it. What stood there is kept as a revision. A signed record needs a `reason`; after
        RECORD_WRITING_DAYS (400 `too_late_to_write`) only a patient's request to amend opens it.
        """
        return self._change(RecordChangeSerializer)

    @extend_schema(
        operation_id="medical_records_sign",
        tags=["records"],
        summary="Sign a record",
        parameters=[IF_MATCH, etag(200)],
        request=None,
        responses={200: MedicalRecordSerializer, **refusals(*CHANGES, examples=UNKNOWN)},
        examples=[ONE],
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def sign(self, request: Request, pk: UUID) -> Response:
        """It stands as it is; every later change is an amendment. The same again changes nothing."""
        return self._change(SignatureSerializer)

    @extend_schema(
        operation_id="medical_records_revisions",
        tags=["records"],
        summary="What a record said before",
        responses={200: RevisionSerializer(many=True), **refusals(*READS, examples=UNKNOWN)},
        examples=[OpenApiExample("Earlier", value=EARLIER, response_only=True)],
    )
    @action(detail=True, methods=["get"], filterset_class=None)
    def revisions(self, request: Request, pk: UUID) -> Response:
        """The latest first; for whoever may read the record, and written down like it."""
        found = access.open_revisions(self.get_object(), by=caller(request), now=timezone.now())
        page = self.paginate_queryset(found)
        return self.get_paginated_response(RevisionSerializer(page, many=True).data)

    def _change(self, asked: type[Serializer[Any]]) -> Response:
        record = self.get_object()
        serializer = asked(record, data=self.request.data, context=context(self.request, record))
        serializer.is_valid(raise_exception=True)
        return self._answer(serializer.save().pk)

    def _answer(self, pk: UUID, status: int = 200) -> Response:
        """What it says, to whoever may read it; that he did is written down."""
        try:
            opened: Any = access.open_record(pk, by=caller(self.request), now=timezone.now())
        except MedicalRecord.DoesNotExist:
            raise Http404 from None
        return Response(MedicalRecordSerializer(opened).data, status, headers={"ETag": opened.etag})
