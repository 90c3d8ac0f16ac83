"""Files beside records: taken in, kept encrypted under names that say nothing, and given to who may read the record."""

import logging
from datetime import datetime
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import storages
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit, encryption, key_rotation
from accounts.models import User
from records import charting, files, news
from records.models import Attachment, MedicalRecord

logger = logging.getLogger(__name__)

MOST_FILES = 20
"""Beside one record."""


@transaction.atomic
def add(
    record: MedicalRecord, *, upload: "File[bytes]", by: User, now: datetime, name: str = "", once: bool = False
) -> Attachment:
    """Put a file beside a record, for the doctor who wrote it, as long as it may be changed.

    ``once``: if it lies there already under this name, nothing is added, as when a form is sent twice. Refusals: those
    of :func:`records.files.judged`, ``too_many_files``, ``too_late_to_write``; PermissionDenied for anybody else.
    """
    fresh = charting.to_be_changed(record, by=by, now=now)
    content = files.judged(upload, name)
    if once and (same := _same(fresh, content)):
        return same
    if fresh.attachments.count() >= MOST_FILES:
        raise ValidationError(_("There are too many files beside this record."), code="too_many_files")
    kept = ContentFile(encryption.seal_bytes(content.data))
    stored_as = storages["records"].save(uuid4().hex, kept)
    try:
        with transaction.atomic():
            size = len(content.data)
            added = Attachment(
                record=fresh, name=content.name, kind=content.kind, size=size, stored_as=stored_as, created_at=now
            )
            added.clean_fields()
            added.save(force_insert=True)
            audit.record("records.attachment.added", by=by, on=added, patient=fresh.chart_id)
            news.available(fresh, now=now, about=f"file:{added.pk}")
    except BaseException:
        storages["records"].delete(stored_as)
        raise
    return added


def content(opened: Attachment) -> bytes:
    """What is in a file that :func:`records.access.open_attachment` gave out. FileNotFoundError if it is lost.

    ``cryptography.fernet.InvalidToken`` if no key opens it.
    """
    with storages["records"].open(opened.stored_as) as kept:
        return encryption.unseal_bytes(kept.read())


def lies_there(record: MedicalRecord, *, upload: "File[bytes]", name: str = "") -> bool:
    """Whether this very file lies beside ``record`` under this name; one that would be refused does not."""
    try:
        return _same(record, files.judged(upload, name)) is not None
    except ValidationError:
        return False


def reseal() -> int:
    """Encrypt every file anew, under the first key: into a new file, which then takes the old one's place. How many.

    A file that is lost keeps no other from its new key.
    """
    count = 0
    for pk in Attachment.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic(durable=True):
            row = Attachment.objects.select_for_update(no_key=True).get(pk=pk)
            try:
                data = content(row)
            except FileNotFoundError:
                logger.error("The file of attachment %s is lost", pk)  # noqa: TRY400  the error names its place
                continue
            _rewrite(row.stored_as, encryption.seal_bytes(data))
        count += 1
    return count


def _same(record: MedicalRecord, wanted: files.Content) -> Attachment | None:
    """Nobody is shown what is compared here, so it is no reading."""
    for row in record.attachments.filter(kind=wanted.kind, size=len(wanted.data)):
        try:
            if row.name == wanted.name and content(row) == wanted.data:
                return row
        except FileNotFoundError:
            continue
    return None


def _rewrite(name: str, sealed: bytes) -> None:
    """In one step where the storage is a folder: whoever reads meanwhile reads the old file or the new one, whole."""
    storage = storages["records"]
    fresh = storage.save(uuid4().hex, ContentFile(sealed))
    storage.replace(fresh, name)  # type: ignore[attr-defined]  # records.storage.Kept has it


def register() -> None:
    """Have files' keys rotated with all others."""
    key_rotation.register(reseal)
