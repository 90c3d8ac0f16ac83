"""Who was refused again and again, on the admin's first page for those who look after privacy."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.admin import notices
from accounts.models import User
from records import denials
from records.letters import REFUSALS


def _often_refused(user: User) -> notices.Notice | None:
    people = denials.alerted(user, now=timezone.now())
    if not people:
        return None
    text = ngettext(
        "%(count)d person was refused charts or appointments again and again.",
        "%(count)d people were refused charts or appointments again and again.",
        len(people),
    )
    query = REFUSALS | ({"q": people[0]} if len(people) == 1 else {})
    address = f"{reverse('admin:accounts_auditentry_changelist')}?{urlencode(query)}"
    return notices.Notice(text % {"count": len(people)}, address)


notices.register(_often_refused)
