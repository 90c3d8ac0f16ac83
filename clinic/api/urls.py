"""Addresses of the clinic's API, below /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from clinic.api.appointments import Appointments
from clinic.api.availability import Availability
from clinic.api.directory import AssignmentView, Departments, Sites, Specialties, VisitTypes
from clinic.api.doctors import Doctors
from clinic.api.exceptions import Exceptions
from clinic.api.holds import HoldExtensionView, HoldsView, HoldView
from clinic.api.patients import Patients
from clinic.api.slots import NextSlotsView, SlotsView
from clinic.api.stats import StatsView

router = SimpleRouter(use_regex_path=False)
router.register("departments", Departments, basename="api-department")
router.register("sites", Sites, basename="api-site")
router.register("specialties", Specialties, basename="api-specialty")
router.register("visit-types", VisitTypes, basename="api-visit-type")
router.register("doctors", Doctors, basename="api-doctor")
router.register("patients", Patients, basename="api-patient")
router.register("availability", Availability, basename="api-availability")
router.register("exceptions", Exceptions, basename="api-exception")
router.register("appointments", Appointments, basename="api-appointment")

urlpatterns = [
    path("departments/<uuid:pk>/doctors/<uuid:doctor_id>/", AssignmentView.as_view(), name="api-department-doctor"),
    path("slots/", SlotsView.as_view(), name="api-slots"),
    path("slots/next/", NextSlotsView.as_view(), name="api-next-slots"),
    path("stats/", StatsView.as_view(), name="api-stats"),
    path("holds/", HoldsView.as_view(), name="api-holds"),
    path("holds/<uuid:pk>/", HoldView.as_view(), name="api-hold"),
    path("holds/<uuid:pk>/extend/", HoldExtensionView.as_view(), name="api-hold-extension"),
    path("", include(router.urls)),
]
