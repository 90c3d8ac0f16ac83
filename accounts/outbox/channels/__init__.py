"""How messages travel: by mail; by text message to those who chose that, where SMS_CHANNEL says how."""

from django.conf import settings

from accounts.models.message import Channel, Message
from accounts.models.patient import Patient, ReminderChannel
from accounts.outbox.channels.mail import MailChannel, message_id
from accounts.outbox.channels.outcome import GivenUp, TryLater
from accounts.outbox.channels.sms import SmsChannel, channel
from accounts.outbox.kinds import Letter

__all__ = ["GivenUp", "TryLater", "chosen_by", "message_id", "route", "send"]


def chosen_by(patient: Patient) -> Channel:
    """How ``patient`` wants to be reminded, if he wants to be at all."""
    return Channel.SMS if patient.reminder_channel == ReminderChannel.SMS else Channel.EMAIL


def route(message: Message) -> tuple[MailChannel | SmsChannel, str]:
    """By which channel a message goes now, and to which address: by mail, too, if there is no way to a telephone."""
    sms = channel(settings.SMS_CHANNEL) if message.channel == Channel.SMS else None
    if sms is not None and (phone := sms.address_of(message)):
        return sms, phone
    mail = MailChannel()
    return mail, mail.address_of(message)


def send(message: Message, letter: Letter) -> None:
    """Hand the letter over. TryLater or GivenUp if it was not taken."""
    way, address = route(message)
    if not address:
        raise GivenUp("no_address")
    way.send(message, letter, address)
