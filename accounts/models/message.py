"""The outbox: what is to be told to whom."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.encryption import EncryptedTextField
from accounts.models.base import BaseModel
from accounts.models.user import STAFF_ROLES

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models.user import User


class Channel(models.TextChoices):
    """How a message travels."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")


class State(models.TextChoices):
    """What has become of a message."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    GIVEN_UP = "given_up", _("Could not be delivered")
    DROPPED = "dropped", _("Not needed any more")


class MessageQuerySet(models.QuerySet["Message"]):
    """Questions about messages."""

    def visible_to(self, user: "User | AnonymousUser") -> "MessageQuerySet":
        """Staff see all, and nobody else any."""
        return self if user.is_authenticated and user.is_active and user.role in STAFF_ROLES else self.none()

    def in_state(self, state: State) -> "MessageQuerySet":
        """Those of which that has become."""
        if state == State.WAITING:
            return self.filter(sent_at=None, failed_at=None, dropped_at=None)
        ends = {State.SENT: "sent_at", State.GIVEN_UP: "failed_at", State.DROPPED: "dropped_at"}
        return self.filter(**{f"{ends[state]}__isnull": False})

    def unheard(self, now: datetime) -> "MessageQuerySet":
        """Those given up, but not too late, whose recipient is known here: somebody should tell him some other way."""
        in_time = Q(not_after=None) | Q(not_after__gte=now)
        return self.in_state(State.GIVEN_UP).filter(in_time).exclude(user=None, patient=None)


class Message(BaseModel):
    """One thing to be told once, written in the transaction of what it tells of; ``accounts.outbox`` delivers it.

    ``key`` is made by the caller from what is told (appointment, kind, instant): the same news is never written twice.
    To whom: an account, a patient, or an ``address`` that is nobody's yet. What is told is drawn when it is sent, from
    the ids in ``context``; what cannot be drawn again (a code, say) waits in ``sealed``, and is wiped once it is sent.

    ``about`` is the id of what it tells of, if that is one thing: by it the thing's page shows what became of it.

    In the end one of ``sent_at``, ``failed_at`` (given up) and ``dropped_at`` (not true any more) is set. A worker that
    has claimed a message owns it until ``claimed_at`` is ``outbox.LEASE`` old.
    """

    kind = models.CharField(_("kind"), max_length=60)
    key = models.CharField(max_length=200, unique=True, error_messages={"unique": _("This was said already.")})
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    patient = models.ForeignKey("accounts.Patient", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    address = EncryptedTextField(_("address"), blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.EMAIL)
    context = models.JSONField(default=dict)
    sealed = EncryptedTextField(blank=True)
    about = models.UUIDField(null=True, blank=True)
    not_before = models.DateTimeField(_("not before"))
    not_after = models.DateTimeField(_("not after"), null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claim = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=100, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    failed_at = models.DateTimeField(_("given up"), null=True, blank=True)
    dropped_at = models.DateTimeField(_("not needed any more"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(
                fields=("not_before",),
                name="message_waiting",
                condition=Q(sent_at=None, failed_at=None, dropped_at=None),
            ),
            models.Index(fields=("about",), name="message_about", condition=Q(about__isnull=False)),
            models.Index(fields=("failed_at",), name="message_given_up", condition=Q(failed_at__isnull=False)),
            models.Index(fields=("-created_at", "-id"), name="message_by_time"),
        )
        constraints = (
            models.CheckConstraint(name="message_has_a_known_channel", condition=Q(channel__in=Channel.values)),
            models.CheckConstraint(
                name="message_ends_one_way",
                condition=Q(sent_at=None, failed_at=None)
                | Q(sent_at=None, dropped_at=None)
                | Q(failed_at=None, dropped_at=None),
            ),
        )

    def __str__(self) -> str:
        return self.kind

    @property
    def state(self) -> State:
        """What has become of it."""
        if self.sent_at:
            return State.SENT
        if self.failed_at:
            return State.GIVEN_UP
        return State.DROPPED if self.dropped_at else State.WAITING
