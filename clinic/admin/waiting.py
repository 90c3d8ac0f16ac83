"""Whoever changes a calendar is told whom that hits."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import ngettext

from accounts.admin.base import VerbAdmin
from clinic import displacement


class TellsWhoWaits(VerbAdmin):
    """After each verb the page says how many visits wait to be moved, if any: a change is never silent about them."""

    def after_change(self, request: HttpRequest) -> None:
        """Say it, with the way to their list."""
        if count := displacement.waiting():
            message = ngettext("%(count)d visit is to be moved.", "%(count)d visits are to be moved.", count)
            address = reverse("admin:clinic_tobemoved_changelist")
            link = format_html('<a href="{}">{}</a>', address, message % {"count": count})
            self.message_user(request, link, messages.WARNING)
