"""Writing what is encrypted anew, under the first of FIELD_ENCRYPTION_KEYS, so that the others can be given up."""

from collections.abc import Callable

from django.apps import apps
from django.db import models, transaction

from accounts import audit, second_factor
from accounts.encryption import EncryptedTextField

BATCH = 500
"""Rows at a time: so many are locked together, for a moment."""


_others: list[Callable[[], int]] = []


def register(reseal_more: Callable[[], int]) -> None:
    """Have an app's files encrypted anew too; ``reseal_more`` answers how many there were."""
    _others.append(reseal_more)


def reseal() -> int:
    """Encrypt every encrypted column of every app, the secrets of second factors, and files, anew; how many there were.

    It can be broken off and begun again, and the site can be used meanwhile. ``cryptography.fernet.InvalidToken`` if
    there is something that no key opens; nothing after it is written then.

    Not to be called within a transaction: it would lock everything until the end.
    """
    rows = sum(_reseal(model, names) for model in apps.get_models() if (names := _encrypted(model)))
    rows += second_factor.reseal(batch=BATCH)
    rows += sum(reseal_more() for reseal_more in _others)
    audit.record("accounts.keys.rotated", by="rotate_keys", changes={"rows": [None, rows]})
    return rows


def _encrypted(model: type[models.Model]) -> list[str]:
    columns = [] if model._meta.proxy else model._meta.concrete_fields
    return [column.name for column in columns if isinstance(column, EncryptedTextField)]


def _reseal(model: type[models.Model], names: list[str]) -> int:
    count, known = 0, model._base_manager.order_by("pk").only("pk", *names)
    batch = known
    while True:
        with transaction.atomic(durable=True):
            rows = list(batch.select_for_update(no_key=True)[:BATCH])
            model._base_manager.bulk_update(rows, names)
        if not rows:
            return count
        count, batch = count + len(rows), known.filter(pk__gt=rows[-1].pk)
