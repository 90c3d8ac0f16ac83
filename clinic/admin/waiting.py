"""Whoever changes a calendar is told whom that hits."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import ngettext

from accounts.admin import notices
from accounts.admin.base import VerbAdmin
from accounts.models import User
from clinic import displacement


class TellsWhoWaits(VerbAdmin):
    """After each verb the page says how many visits wait to be moved, if any: a change is never silent about them."""

    def after_change(self, request: HttpRequest) -> None:
        """Say it, with the way to their list."""
        tell_who_waits(request)


def tell_who_waits(request: HttpRequest) -> None:
    """Say on the next page how many visits wait to be moved, if any."""
    if notice := _visits_to_be_moved():
        messages.warning(request, format_html('<a href="{}">{}</a>', notice.address, notice.text))


def _visits_to_be_moved(_user: User | None = None) -> notices.Notice | None:
    count = displacement.waiting()
    text = ngettext("%(count)d visit is to be moved.", "%(count)d visits are to be moved.", count)
    return notices.Notice(text % {"count": count}, reverse("admin:clinic_tobemoved_changelist")) if count else None


notices.register(_visits_to_be_moved)
