"""Whom an endpoint is for, beside what every endpoint asks."""

from typing import Any

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from accounts import staffing
from accounts.models import User


def caller(request: Request) -> User:
    """Who is signed in; NotAuthenticated for a stranger."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


class ForAdministrators(BasePermission):
    """403 for everybody else; strangers are asked who they are first."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the role, as the database knows it now, is an administrator's."""
        return staffing.is_administrator(request.user)


PEOPLE: tuple[Any, ...] = tuple(api_settings.DEFAULT_PERMISSION_CLASSES)
"""Whoever is signed in."""
ADMINISTRATORS = (*PEOPLE, ForAdministrators)


class ForStaff(BasePermission):
    """For receptionists and administrators."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the role is one of the two."""
        return caller(request).is_staff


STAFF = (*PEOPLE, ForStaff)
