"""What patients ask to be put right in a record, and how its doctor answers."""

from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.errors import refusals
from accounts.api.permissions import caller
from records import access
from records.api.asking import context, record_or_404
from records.api.records import CHANGES, READS, UNKNOWN
from records.api.serializers.records import AmendmentSerializer, AnswerSerializer, AskSerializer
from records.models import AmendmentRequest

ASKED = {
    "id": "5e1c8d0e-86a4-41d5-a3a4-0f4d1b5e9a77",
    "text": "It was the left knee.",
    "asked_at": "2027-03-02T10:00:00Z",
    "answer": "",
    "explanation": "",
    "answered_at": None,
}


class AmendmentsView(GenericAPIView[AmendmentRequest]):
    """medical-records/{id}/amendment-requests/."""

    queryset = AmendmentRequest.objects.none()
    serializer_class = AmendmentSerializer

    @extend_schema(
        operation_id="amendment_requests_list",
        tags=["records"],
        summary="What the patient asked to be put right",
        responses={200: AmendmentSerializer(many=True), **refusals(*READS, examples=UNKNOWN)},
        examples=[OpenApiExample("Asked", value=ASKED, response_only=True)],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """The latest first, with the answers."""
        found = access.open_requests(record_or_404(request, pk), by=caller(request), now=timezone.now())
        page = self.paginate_queryset(found)
        return self.get_paginated_response(AmendmentSerializer(page, many=True).data)

    @extend_schema(
        operation_id="amendment_requests_create",
        tags=["records"],
        summary="Ask that a record be put right",
        request=AskSerializer,
        responses={
            201: AmendmentSerializer,
            **refusals(*CHANGES, examples=UNKNOWN | {409: ("already_asked", "Your earlier request is not answered.")}),
        },
        examples=[
            OpenApiExample("The left one", value={"text": ASKED["text"]}, request_only=True),
            OpenApiExample("Asked", value=ASKED, response_only=True, status_codes=["201"]),
        ],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """For the patient; the doctor who wrote it answers. One request at a time: 409 `already_asked`."""
        serializer = AskSerializer(data=request.data, context=context(request) | {"record": record_or_404(request, pk)})
        serializer.is_valid(raise_exception=True)
        return Response(AmendmentSerializer(serializer.save()).data, 201)


class AnswerView(APIView):
    """medical-records/{id}/amendment-requests/answer/."""

    @extend_schema(
        operation_id="amendment_requests_answer",
        tags=["records"],
        summary="Answer the request that waits",
        request=AnswerSerializer,
        responses={
            200: AmendmentSerializer,
            **refusals(*CHANGES, examples=UNKNOWN | {400: ("reason_required", "Please tell the patient why.")}),
        },
        examples=[
            OpenApiExample(
                "Put right",
                value={"amend": True, "explanation": "You are right.", "notes": "Left knee."},
                request_only=True,
            ),
            OpenApiExample("Answered", value=ASKED | {"answer": "amended"}, response_only=True),
        ],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """For the doctor who wrote the record: amends it as it was asked (with some of its texts), or declines. 404 if
        no request waits.
        """
        asked = record_or_404(request, pk).amendment_requests.filter(answer="").select_related("record").first()
        if asked is None:
            raise Http404
        serializer = AnswerSerializer(asked, data=request.data, context=context(request))
        serializer.is_valid(raise_exception=True)
        return Response(AmendmentSerializer(serializer.save()).data)
