"""What a caller may name by its id in what he sends: functions from who asks to the rows."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from clinic.models import Department, Doctor, Site, Specialty, VisitType
from clinic.models.doctor import DoctorQuerySet
from clinic.models.organisation import DepartmentQuerySet, SiteQuerySet, SpecialtyQuerySet
from clinic.models.visit_type import VisitTypeQuerySet

Asker = User | AnonymousUser


def doctors(_by: Asker) -> DoctorQuerySet:
    """Those in the directory."""
    return Doctor.objects.public().select_related("user")


def specialties(_by: Asker) -> SpecialtyQuerySet:
    """All."""
    return Specialty.objects.public()


def departments(_by: Asker) -> DepartmentQuerySet:
    """Those that are open."""
    return Department.objects.public()


def any_departments(by: Asker) -> DepartmentQuerySet:
    """Those of which a doctor may be."""
    return Department.objects.visible_to(by)


def sites(_by: Asker) -> SiteQuerySet:
    """All."""
    return Site.objects.public()


def visit_types(by: Asker) -> VisitTypeQuerySet:
    """Those that he may book."""
    return VisitType.objects.visible_to(by)
