"""The portal's addresses about charts and medical records."""

from django.urls import path

from records.views import amend, chart, emergency, export, files, mine, record, seen, visit
from records.views.frame import PRINTED

urlpatterns = [
    path("records/", mine.my_record, name="my-record"),
    path("records/print/", mine.my_record, {"what": PRINTED}, name="my-record-print"),
    path("records/seen/", seen.who_saw, name="who-saw"),
    path("records/files/<uuid:pk>/", files.download, name="record-file"),
    path("records/patients/<uuid:pk>/", chart.chart, name="chart"),
    path("records/patients/<uuid:pk>/print/", chart.chart_print, name="chart-print"),
    path("records/visits/<uuid:pk>/", visit.visit, name="visit-record"),
    path("records/emergency/", emergency.search, name="emergency"),
    path("records/emergency/<uuid:pk>/", emergency.open_one, name="emergency-chart"),
    path("records/<uuid:pk>/", record.record, name="record"),
    path("records/<uuid:pk>/print/", record.record_print, name="record-print"),
    path("records/<uuid:pk>/answer/", amend.answer, name="answer-request"),
    path("records/export/", export.my_record_file, name="my-record-file"),
]
