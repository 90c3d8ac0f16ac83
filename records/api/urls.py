"""Addresses of the records' API, below /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from records.api.amendments import AmendmentsView, AnswerView
from records.api.attachments import AttachmentsView, AttachmentView
from records.api.charts import AccessLogView, ChartRevisionsView, ChartView
from records.api.emergency import EmergencyAccessView
from records.api.records import MedicalRecords

router = SimpleRouter(use_regex_path=False)
router.register("medical-records", MedicalRecords, basename="api-medical-record")

urlpatterns = [
    path("patients/<uuid:pk>/chart/", ChartView.as_view(), name="api-chart"),
    path("patients/<uuid:pk>/chart/revisions/", ChartRevisionsView.as_view(), name="api-chart-revisions"),
    path("patients/<uuid:pk>/emergency-access/", EmergencyAccessView.as_view(), name="api-emergency-access"),
    path("patients/<uuid:pk>/access-log/", AccessLogView.as_view(), name="api-access-log"),
    path(
        "medical-records/<uuid:pk>/amendment-requests/",
        AmendmentsView.as_view(),
        name="api-medical-record-amendments",
    ),
    path(
        "medical-records/<uuid:pk>/amendment-requests/answer/", AnswerView.as_view(), name="api-medical-record-answer"
    ),
    path("medical-records/<uuid:pk>/attachments/", AttachmentsView.as_view(), name="api-attachments"),
    path(
        "medical-records/<uuid:pk>/attachments/<uuid:attachment_id>/", AttachmentView.as_view(), name="api-attachment"
    ),
    path("", include(router.urls)),
]
