"""Who did what: entries that are written once, and the chain that seals them."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.constraints import AppendOnly


class Outcome(models.TextChoices):
    """What came of it."""

    ALLOWED = "allowed", _("Allowed")
    DENIED = "denied", _("Denied")


class AuditEntry(models.Model):
    """One thing that somebody did, or was refused.

    People and objects are named by their ids and not by keys, so that an entry outlives them. ``changes`` holds plain
    facts before and after, of personal fields only their names, and never what is secret or concerns health.
    ``digest`` is a keyed hash of all the rest (``accounts.audit``).
    """

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    actor = models.UUIDField(_("who"), null=True, help_text=_("The user; empty for strangers and programs."))
    program = models.CharField(_("program"), max_length=100, blank=True, help_text=_("Which, if no person acted."))
    role = models.CharField(_("role"), max_length=20, blank=True, help_text=_("The user's at the time."))
    verb = models.CharField(_("what"), max_length=100)
    object_type = models.CharField(_("kind"), max_length=100, blank=True)
    object_id = models.CharField(_("object"), max_length=64, blank=True)
    patient = models.UUIDField(_("patient"), null=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, default=Outcome.ALLOWED)
    reason = models.TextField(_("reason"), blank=True)
    entry_point = models.CharField(_("door"), max_length=20, blank=True)
    ip = models.CharField(_("address"), max_length=45, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    changes = models.JSONField(_("changes"), default=dict)
    digest = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=("at",), name="audit_by_time"),
            models.Index(fields=("actor", "at"), name="audit_by_actor"),
            models.Index(fields=("patient", "at"), name="audit_by_patient"),
            models.Index(fields=("object_id", "at"), name="audit_by_object"),
            models.Index(fields=("verb", "at"), name="audit_by_verb"),
        )
        constraints = (AppendOnly(name="audit_entry_is_written_once"),)

    def __str__(self) -> str:
        return f"{self.verb}, {self.at:%Y-%m-%d %H:%M} UTC"


class AuditLink(models.Model):
    """An entry's place in the chain; ``digest`` is a keyed hash of the place, the entry and the link before."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="link")
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ("position",)
        constraints = (AppendOnly(name="audit_link_is_written_once"),)

    def __str__(self) -> str:
        return str(self.position)
