"""The users for whom services act: appointed at the front desk, one for each service."""

from django.db.models import QuerySet

from accounts.models import Role, User


def may_serve(user: User | None) -> bool:
    """Whether a service may act for ``user`` now: an active receptionist, and no superuser."""
    return user is not None and user.is_active and user.role == Role.RECEPTIONIST and not user.is_superuser


def service_users() -> QuerySet[User]:
    """Those for whom a service may act."""
    return User.objects.filter(is_active=True, role=Role.RECEPTIONIST, is_superuser=False)
