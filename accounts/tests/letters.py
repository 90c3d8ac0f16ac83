"""Reading the mails that people get."""

import re

from django.core.mail import EmailMessage
from django.test import Client


def code_in(mail: EmailMessage) -> str:
    """The six digits on a line of their own."""
    found = re.search(r"^(\d{6})$", str(mail.body), re.MULTILINE)
    assert found
    return found[1]


def link_in(mail: EmailMessage) -> str:
    """The path of the link by which a password is set."""
    found = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", str(mail.body))
    assert found
    return found[1]


def follow(client: Client, link: str, password: str) -> bool:
    """Open a link, and set the password on the page that it leads to; whether the page took it."""
    page = client.get(link, follow=True)
    if not page.redirect_chain:
        return False
    answer = client.post(page.redirect_chain[-1][0], {"password1": password, "password2": password})
    return answer.status_code == 302
