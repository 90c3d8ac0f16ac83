"""Fields of the clinic's API: ids and times that are what the schema says, and times on the site's clock."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound

from accounts.models import User
from clinic import instants, when

UUID_LENGTH = 36


def refused(error: ValidationError) -> serializers.ValidationError:
    """A refusal of one value, as DRF tells it."""
    return serializers.ValidationError(error.messages[0], code=error.code)


class InstantField(serializers.DateTimeField):
    """An instant with its offset from UTC; UTC inside. Codes: those of :func:`clinic.instants.parse`."""

    def to_internal_value(self, value: Any) -> datetime:
        """The instant. Numbers are not taken for seconds since 1970."""
        try:
            return instants.parse(value if isinstance(value, str) else "")
        except ValidationError as error:
            raise refused(error) from None


@extend_schema_field({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]})
class MomentField(serializers.Field[date | datetime, str, str, Any]):
    """A day, or an instant whose ``+`` may have become a blank."""

    def to_internal_value(self, data: str) -> date | datetime:
        """The day or the instant (UTC)."""
        try:
            return instants.parse_moment(data)
        except ValidationError as error:
            raise refused(error) from None


class Id(serializers.UUIDField):
    """An id (UUID), as text and no other way."""

    default_error_messages = {"invalid": _("Give an id (UUID).")}

    def to_internal_value(self, data: Any) -> UUID:
        """The id."""
        try:
            return UUID(data if isinstance(data, str) and len(data) == UUID_LENGTH else "")
        except ValueError:
            self.fail("invalid")


class Reference(Id):
    """The id (UUID, as text) of a row that the caller may see; another's is refused like one that does not exist.

    ``of`` is a function from who asks to the rows: it is asked at each request, never once for all.
    """

    default_error_messages = {"does_not_exist": _("Nothing with this id.")}

    def __init__(self, of: Callable[[User | AnonymousUser], QuerySet[Any]], **options: Any) -> None:
        self.of = of
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Any:
        """The row."""
        found = self.of(self.context["request"].user).filter(pk=super().to_internal_value(data)).first()
        return self.missing() if found is None else found

    def missing(self) -> Any:
        """What a name without a thing comes to."""
        self.fail("does_not_exist")


class Wanted(Reference):
    """A thing that is looked for rather than changed: without it the answer is a 404."""

    def missing(self) -> Any:
        """404."""
        raise NotFound(_("There is no such %(thing)s.") % {"thing": self.field_name})


class SiteTime(serializers.DateTimeField):
    """An instant on the clock of the site where it happens, with its offset: ``2027-03-01T09:30:00+01:00``."""

    def get_attribute(self, instance: Any) -> Any:
        """The instant in the site's zone."""
        instant = super().get_attribute(instance)
        return None if instant is None else when.local(instant, instance.site.zone)

    def to_representation(self, value: datetime) -> str:
        """ISO 8601."""
        return value.isoformat()
