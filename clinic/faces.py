"""Whose picture may be seen by whom."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.files import ImageFieldFile

from accounts.models import User
from clinic.models import Doctor


def picture_of(person: UUID, *, viewer: User | AnonymousUser) -> ImageFieldFile | None:
    """The picture of the user with this id, if there is one that ``viewer`` may see; one query.

    Everybody sees those of the doctors in the directory, active staff see all, and each his own.
    """
    in_directory = Q(Exists(Doctor.objects.public().filter(user=OuterRef("pk"))))
    seen = User.objects.filter(pk=person).exclude(picture="")
    if not viewer.is_authenticated or not viewer.is_active:
        seen = seen.filter(in_directory)
    elif not viewer.is_staff:
        seen = seen.filter(in_directory | Q(pk=viewer.pk))
    user = seen.first()
    return user.picture if user else None
