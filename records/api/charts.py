"""A patient's chart, who saw it, and opening it in an emergency."""

from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.errors import ANYWHERE, refusals
from accounts.api.permissions import caller
from accounts.models import AuditEntry
from clinic.api.callers import IF_MATCH, etag
from records import access, trail
from records.api.asking import context
from records.api.serializers.charts import (
    ChartChangeSerializer,
    ChartRevisionSerializer,
    ChartSerializer,
    SeenSerializer,
)
from records.models import Chart

PATIENT = "9d2c1b0a-8f7e-4d6c-b5a4-39281706f5e4"
CHART = {
    "patient": PATIENT,
    "patient_name": "Alice Archer",
    "blood_type": "A+",
    "allergies": "Penicillin",
    "medical_history": "Appendectomy in 2009.",
    "version": 3,
    "written_at": "2027-03-01T08:45:00Z",
}
EARLIER = {
    "version": 2,
    "blood_type": "A+",
    "allergies": "",
    "medical_history": "Appendectomy in 2009.",
    "written_by_name": "Dr. Wei Chen",
    "written_at": "2026-11-02T08:45:00Z",
}
SEEN = {
    "at": "2027-03-01T08:31:07Z",
    "actor_name": "Wei Chen",
    "role": "doctor",
    "action": "Read the chart",
    "reason": "Has appointments with the patient",
    "is_emergency": False,
}
UNKNOWN = {404: ("not_found", "Not found.")}
READS = (401, 404, 405, 406, 429)


class ChartView(APIView):
    """patients/{id}/chart/."""

    @extend_schema(
        operation_id="charts_retrieve",
        tags=["records"],
        summary="A patient's chart",
        parameters=[etag(200)],
        responses={200: ChartSerializer, **refusals(*READS, examples=UNKNOWN)},
        examples=[OpenApiExample("Alice's", value=CHART, response_only=True)],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """For the patient, the doctors who treat her, and who has opened it in an emergency: for anybody else it is a
        404, as one that does not exist. There is none before the first appointment. The reading is written down, and
        the patient sees it.
        """
        return _answer(_opened(request, pk))

    @extend_schema(
        operation_id="charts_partial_update",
        tags=["records"],
        summary="Change a patient's chart",
        parameters=[IF_MATCH, etag(200)],
        request=ChartChangeSerializer,
        responses={
            200: ChartSerializer,
            **refusals(
                *(*ANYWHERE, 401, 403, 404, 409),
                examples=UNKNOWN
                | {400: ("bad_blood_type", "Enter one of A+, A-, …"), 409: ("stale", "It was changed meanwhile.")},
            ),
        },
        examples=[
            OpenApiExample("An allergy", value={"allergies": "Penicillin"}, request_only=True),
            OpenApiExample("Alice's", value=CHART, response_only=True),
        ],
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """For doctors who treat the patient; what it said before is kept. The patient, and who only looks in an
        emergency, are refused (403).
        """
        chart = access.charts(caller(request), now=timezone.now()).filter(pk=pk).first()
        if chart is None:
            raise Http404
        serializer = ChartChangeSerializer(chart, data=request.data, context=context(request, chart))
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return _answer(_opened(request, pk))


class ChartRevisionsView(GenericAPIView[Chart]):
    """patients/{id}/chart/revisions/."""

    queryset = Chart.objects.none()
    serializer_class = ChartRevisionSerializer

    @extend_schema(
        operation_id="charts_revisions_list",
        tags=["records"],
        summary="What a chart said before",
        responses={200: ChartRevisionSerializer(many=True), **refusals(*READS, examples=UNKNOWN)},
        examples=[OpenApiExample("Earlier", value=EARLIER, response_only=True)],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """The latest first; for whoever may read the chart, and written down like it."""
        try:
            found = access.open_chart_revisions(pk, by=caller(request), now=timezone.now())
        except Chart.DoesNotExist:
            raise Http404 from None
        page = self.paginate_queryset(found)
        return self.get_paginated_response(ChartRevisionSerializer(page, many=True).data)


class AccessLogView(GenericAPIView[AuditEntry]):
    """patients/{id}/access-log/."""

    queryset = AuditEntry.objects.none()
    serializer_class = SeenSerializer

    @extend_schema(
        operation_id="access_log_list",
        tags=["records"],
        summary="Who saw a patient's record",
        responses={200: SeenSerializer(many=True), **refusals(*READS, examples=UNKNOWN)},
        examples=[OpenApiExample("A reading", value=SEEN, response_only=True)],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """For the patient herself and administrators, the latest first; for anybody else a 404. Emergency accesses are
        marked; their reasons are for the patient and those who review them.
        """
        by = caller(request)
        if not trail.may_see(by, pk):
            raise Http404
        page = self.paginate_queryset(trail.open_log(pk, by=by))
        return self.get_paginated_response(SeenSerializer(trail.told(page or [], to=by), many=True).data)


def _opened(request: Request, pk: UUID) -> Chart:
    try:
        return access.open_chart(pk, by=caller(request), now=timezone.now())
    except Chart.DoesNotExist:
        raise Http404 from None


def _answer(chart: Chart) -> Response:
    return Response(ChartSerializer(chart).data, headers={"ETag": chart.etag})
