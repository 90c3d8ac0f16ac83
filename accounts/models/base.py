"""What every model of the project has."""

import uuid

from django.db import models
from django.utils import timezone


class BaseModel(models.Model):
    """A random UUID for a key, and when the row was made and last changed (UTC)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True
