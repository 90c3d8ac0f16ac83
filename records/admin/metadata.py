"""What every page about records has in common: nothing on it can be written, and no text about health is even read."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from guardian.admin import ReinforcedGuardedModelAdmin

from accounts.admin.base import VerbAdmin, actor
from accounts.encryption import EncryptedTextField
from records import trail


def sealed(model: type[models.Model], related: tuple[str, ...]) -> Iterator[str]:
    """The encrypted columns of a model and of the rows that are read with it (``chart__patient``)."""
    for path in ("", *related):
        row: Any = model
        parts = path.split("__") if path else []
        for depth, part in enumerate(parts):
            row = row._meta.get_field(part).related_model
            # What is on the way is read, too.
            yield from _of(row, "__".join(parts[: depth + 1]) + "__")
        if not parts:
            yield from _of(row, "")


def _of(model: type[models.Model], prefix: str) -> Iterator[str]:
    yield from (prefix + field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField))


class MetadataAdmin(VerbAdmin, ReinforcedGuardedModelAdmin):
    """Rows whose date, doctor and patient staff may know. Whoever opens one's page is written down.

    Guardian's pages, on which permissions on a single chart are handed out, are not there: a chart is granted by
    appointments (``records.access.grants``) and opened in an emergency, and nobody gives it to himself.
    """

    change_form_template: str = "admin/change_form.html"  # type: ignore[misc]  # not guardian's
    include_object_permissions_urls = False
    may_add = may_change = False
    read_with: tuple[str, ...] = ()
    """Related rows that are named beside each row."""
    noted_as = ""
    """The middle of the audit trail's verb, if opening a page is written down."""
    ordering: ClassVar[Any] = ("-created_at", "id")

    def get_queryset(self, request: HttpRequest) -> Any:
        """The rows, without any text that is encrypted."""
        rows = super().get_queryset(request).select_related(*self.read_with)
        return rows.defer(*set(sealed(self.model, self.read_with)))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """One row, to be looked at; that somebody did is written down."""
        row = super().get_object(request, object_id, from_field)
        if row is not None and self.noted_as:
            trail.looked_up(self.noted_as, row, patient=self.patient_of(row), by=actor(request))
        return row

    def patient_of(self, row: Any) -> Any:
        """Whose it is: the id."""
        raise NotImplementedError
