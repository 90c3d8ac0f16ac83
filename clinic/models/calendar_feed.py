"""Addresses at which people's own calendars ask for their appointments."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import BaseModel


class CalendarFeed(BaseModel):
    """One person's address: whoever knows it reads his appointments. Of its secret only a keyed hash (hex) is kept."""

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, related_name="calendar_feed")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    names_patients = models.BooleanField(_("names patients"), default=False)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} UTC"
