"""Whether the process lives, and whether it can serve: for machines, that ask often and get no details."""

import asyncio
from dataclasses import dataclass
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from health_check.base import HealthCheck
from health_check.checks import Cache, Database
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView

from accounts import outbox, staffing
from accounts.models import User
from clinic import reminders


@cache
def newest_migrations() -> frozenset[tuple[str, str]]:
    """The last migrations of every app, as the code has them; read once."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


@dataclass
class Migrations(HealthCheck):
    """The database's tables are those that the code expects."""

    def run(self) -> None:
        """ServiceUnavailable if a migration has not been applied."""
        try:
            missing = newest_migrations() - set(MigrationRecorder(connection).applied_migrations())
        except DatabaseError as error:
            raise ServiceUnavailable("unknown") from error
        finally:
            # This is a thread of its own, whose connection nobody else would ever close.
            connection.close()
        if missing:
            raise ServiceUnavailable("pending")


@dataclass
class Messages(HealthCheck):
    """Somebody plans reminders, and delivers what is due."""

    def run(self) -> None:
        """ServiceUnavailable if messages wait too long, to be written or to be sent."""
        now = timezone.now()
        try:
            waits = outbox.waits_too_long(now) or reminders.are_late(now=now)
        except DatabaseError as error:
            raise ServiceUnavailable("unknown") from error
        finally:
            connection.close()
        if waits:
            raise ServiceUnavailable("waiting")


class Live(HealthCheckView):
    """/health/live: the process answers. Nothing else is asked, so an outage elsewhere does not restart it."""

    checks: tuple[type[HealthCheck], ...] = ()

    async def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """200 or 503; which component failed is told to administrators only."""
        with self.get_executor() as executor:
            results = await asyncio.gather(*(check.get_result(executor) for check in self.get_checks()))
        failed = sorted(type(result.check).__name__.lower() for result in results if result.error)
        if not failed:
            return JsonResponse({"status": "ok"})
        told = {"failed": failed} if await _is_administrator(request) else {}
        return JsonResponse({"status": "unavailable"} | told, status=503)


class Ready(Live):
    """/health/ready: the database and its tables are there, without which no request can be answered."""

    checks = (Database, Migrations)


class Well(Live):
    """/health/well: the cache is there too, and messages go out. People can book without; somebody has to look."""

    checks = (Database, Migrations, Cache, Messages)


async def _is_administrator(request: HttpRequest) -> bool:
    try:
        user = await request.auser()
    except DatabaseError:
        return False
    return isinstance(user, User) and staffing.is_administrator(user)
