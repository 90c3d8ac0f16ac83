"""What patients were told of an appointment, and what has become of it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Message
from accounts.models.message import State
from accounts.outbox import kinds
from clinic import when
from clinic.models import Appointment

MOST_SHOWN = 4
"""So many of the last messages the patient is shown."""


@dataclass(frozen=True, slots=True)
class Told:
    """One message: ``what`` it tells of, its state, and ``at`` which time on the site's clock it came to that."""

    what: str
    state: State
    at: str
    error: str

    @property
    def has_failed(self) -> bool:
        """Whether it was given up."""
        return self.state == State.GIVEN_UP

    @property
    def is_address_wrong(self) -> bool:
        """Whether it was given up because of where it was to go: it is refused there (RFC 5321, 4.2.3), or nowhere."""
        return self.has_failed and (self.error == "no_address" or self.error.startswith("smtp_55"))

    @property
    def sentence(self) -> str:
        """For staff, such as ``Reminder: sent Mon 1 March 2027, 14:02 (CET)``; with the error, if there was one."""
        facts = {"what": self.what, "at": self.at, "error": self.error}
        if self.state == State.SENT:
            return _("%(what)s: sent %(at)s") % facts
        if self.state == State.GIVEN_UP:
            return _("%(what)s: could not be delivered, %(at)s (%(error)s)") % facts
        if self.state == State.DROPPED and self.error:
            return _("%(what)s: could not be delivered (%(error)s), and is not needed any more") % facts
        if self.state == State.DROPPED:
            return _("%(what)s: not needed any more") % facts
        if self.error:
            return _("%(what)s: next attempt %(at)s (%(error)s)") % facts
        return _("%(what)s: waiting") % facts


def of(appointment: Appointment) -> list[Told]:
    """Everything that was written about ``appointment``, to whomever, the oldest first; its site must be there."""
    messages = Message.objects.filter(about=appointment.pk).order_by("created_at", "id")
    return [_told(message, appointment) for message in messages.defer("address", "sealed", "context")]


def to_patient(appointment: Appointment) -> list[Told]:
    """What the patient may want to know: the last messages to him that were sent, are to be sent, or did not reach him,
    the newest first."""
    messages = Message.objects.filter(about=appointment.pk, patient=appointment.patient_id, dropped_at=None)
    last = messages.order_by("-created_at", "-id").defer("address", "sealed", "context")[:MOST_SHOWN]
    return [_told(message, appointment) for message in last]


def _told(message: Message, appointment: Appointment) -> Told:
    at = message.sent_at or message.failed_at or message.dropped_at or message.not_before
    zone = appointment.site.zone
    return Told(
        what=kinds.label(message.kind),
        state=message.state,
        at=when.full(at, zone),
        error=message.last_error,
    )
