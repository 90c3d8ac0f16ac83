"""Reading the mails that people get."""

import re

from django.core.mail import EmailMessage


def code_in(mail: EmailMessage) -> str:
    """The six digits on a line of their own."""
    found = re.search(r"^(\d{6})$", str(mail.body), re.MULTILINE)
    assert found
    return found[1]
