"""Requests that must take effect once, however often they arrive."""

from django.db import models

from accounts.models import BaseModel


class IdempotencyKey(BaseModel):
    """A caller's key for one operation: what it was asked with and what it made. No body is kept."""

    caller = models.CharField(max_length=64)
    operation = models.CharField(max_length=30)
    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    object_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = "idempotency key"
        ordering = ("-created_at",)
        constraints = (models.UniqueConstraint(name="key_is_used_once", fields=("caller", "operation", "key")),)
        indexes = (models.Index(fields=("created_at",), name="keys_by_age"),)

    def __str__(self) -> str:
        return f"{self.operation} {self.created_at:%Y-%m-%d %H:%M} UTC"
