"""Keys of repeated requests: to be looked at when a program's bookings are asked about."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import VerbAdmin
from clinic.models import IdempotencyKey


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(VerbAdmin):
    """Neither the key nor its caller is shown: whoever knows both can ask for the first answer again."""

    may_add = may_change = False
    list_display = ("operation", "created", "status", "object_id")
    list_filter = ("operation",)
    ordering = ("-created_at",)
    fields: ClassVar[Any] = ("operation", "status", "object_id", *VerbAdmin.readonly_fields)
    readonly_fields = fields
    search_fields = ("=object_id",)
    search_help_text = _("The id of what was made")
