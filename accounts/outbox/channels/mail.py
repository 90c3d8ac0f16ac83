"""By mail, through EMAIL_URL."""

import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from accounts.models.message import Message
from accounts.outbox.channels.outcome import GivenUp, TryLater
from accounts.outbox.kinds import Letter

ABOUT_US = (
    *(smtplib.SMTPConnectError, smtplib.SMTPHeloError),
    *(smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused),
)
"""What a server refuses whomever it is for, until somebody sets it right; so does one that is overrun."""


def message_id(message: Message) -> str:
    """The same at each attempt, so that whoever gets it twice can tell."""
    return f"<{message.pk}@{urlsplit(settings.SITE_URL).hostname}>"


class MailChannel:
    """Plain text, the same as HTML, and what is attached."""

    def address_of(self, message: Message) -> str:
        """Where the recipient reads his mail now; empty if he has no address."""
        if message.address:
            return message.address
        if message.patient is not None:
            return message.patient.user.email if message.patient.user else message.patient.email
        return message.user.email if message.user else ""

    def send(self, message: Message, letter: Letter, address: str) -> None:
        """Hand it to the mail server. TryLater or GivenUp if that did not take it."""
        mail = EmailMultiAlternatives(
            " ".join(letter.subject.split()), letter.text, to=[address], headers={"Message-ID": message_id(message)}
        )
        if letter.html:
            mail.attach_alternative(letter.html, "text/html")
        for attachment in letter.attachments:
            mail.attach(attachment.name, attachment.content, attachment.type)
        try:
            mail.send()
        except ABOUT_US as error:
            raise TryLater(f"smtp_{error.smtp_code}") from None
        except smtplib.SMTPRecipientsRefused as error:
            _refused([code for code, _text in error.recipients.values()])
        except smtplib.SMTPResponseException as error:
            _refused([error.smtp_code])
        except OSError as error:  # also smtplib's other errors, time-outs, refused connections
            raise TryLater(type(error).__name__) from None


def _refused(codes: list[int]) -> None:
    """5xx is for good (RFC 5321, 4.2.1), unless it is about us: authentication, say."""
    told = f"smtp_{max(codes)}"
    if all(500 <= code < 560 and code not in (530, 534, 535, 538) for code in codes):
        raise GivenUp(told) from None
    raise TryLater(told) from None
