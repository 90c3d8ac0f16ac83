"""Whether messages reach a patient in the way that he chose."""

from enum import Enum

from django.conf import settings

from accounts.models import Patient
from accounts.models.patient import ReminderChannel


class Reach(Enum):
    """How messages go to a patient now."""

    MAIL = "mail"
    SMS = "sms"
    NO_REMINDERS = "no_reminders"
    """By mail, but no reminders."""
    MAIL_WITHOUT_PHONE = "mail_without_phone"
    """He wants text messages, and there is no telephone number."""
    MAIL_WITHOUT_SMS = "mail_without_sms"
    """He wants text messages, and the organisation sends none."""
    NONE = "none"
    """There is no address at all: nothing reaches him."""


def reach(patient: Patient) -> Reach:
    """How messages go to ``patient`` now, and what is in the way of what he chose."""
    wants_sms, sends_sms = patient.reminder_channel == ReminderChannel.SMS, settings.SMS_CHANNEL != "none"
    if wants_sms and sends_sms and patient.phone:
        return Reach.SMS
    if not (patient.user_id or patient.email):
        return Reach.NONE
    if wants_sms:
        return Reach.MAIL_WITHOUT_PHONE if sends_sms else Reach.MAIL_WITHOUT_SMS
    return Reach.NO_REMINDERS if patient.reminder_channel == ReminderChannel.NONE else Reach.MAIL
