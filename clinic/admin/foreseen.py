"""Whoever changes a calendar over visits sees first whom that hits, and must say so once more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.forms import VerbForm
from clinic.admin.visits import as_choice, as_thing, how_many
from clinic.admin.waiting import TellsWhoWaits
from clinic.displacement import AppointmentsInTheWay, Hit, mark_of

FIRST = 100
"""So many visits are listed with the times near them; of the others the number is said."""
SEEN = "confirmed"


class Asks(Exception):
    """Visits would be hit that whoever sent the form has not seen yet."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        super().__init__("appointments_in_the_way")
        self.hits = hits


class ForeseenForm(VerbForm):
    """A form whose verb may hit visits: it is called once whoever fills it in has seen which."""

    def has_seen(self, hits: Sequence[Hit]) -> bool:
        """Whether just these visits were shown on the page that asks."""
        return bool(self.data.get(SEEN) == mark_of(hits))


class AsksFirst(TellsWhoWaits):
    """A calendar in the admin. The form comes back as a page of its own that lists the visits, with all that was
    entered in hidden fields; nothing is written before it is sent once more. If others are hit by then, it asks again.
    """

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Call the form's verb, which may ask."""
        try:
            return super().save_form(request, form, change)
        except AppointmentsInTheWay as found:
            # No refusal of what was entered: it is not told at the fields.
            raise Asks(found.hits) from None

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The page of one object, or the one that asks: then the transaction is undone."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Asks as asks:
            back = self.url("change", object_id) if object_id else self.url("add")
            return self._ask(request, asks.hits, back)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Ask with the visits that lose their place, then remove; ask again if others lose it by then."""
        obj = self.get_object(request, unquote(object_id))
        hits = self.foresee_removal(obj, timezone.now()) if obj else []
        if request.POST and hits and request.POST.get(SEEN) != mark_of(hits):
            # Without anything sent, Django's view asks, and checks the permission as always.
            request.POST = QueryDict()
        return super().delete_view(request, object_id, hit_list(hits) | (extra_context or {}))

    def foresee_removal(self, obj: Any, now: datetime) -> list[Hit]:
        """The visits that removing ``obj`` would hit."""
        raise NotImplementedError

    def _ask(self, request: HttpRequest, hits: Sequence[Hit], back: str) -> HttpResponse:
        apart = ("csrfmiddlewaretoken", SEEN)
        context = self.admin_site.each_context(request) | hit_list(hits)
        context |= {
            "title": _("Visits lie in this time"),
            "opts": self.opts,
            "entered": [(name, each) for name, sent in request.POST.lists() if name not in apart for each in sent],
            "back": back,
            "media": self.media,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/foreseen.html", context)


def hit_list(hits: Sequence[Hit]) -> dict[str, Any]:
    """What the list of visits that are hit is drawn with, each with the free times near it; and the mark of them."""
    shown = [(as_thing(hit.appointment), [as_choice(slot) for slot in hit.alternatives]) for hit in hits[:FIRST]]
    return {
        "hits": shown,
        "sentence": how_many(len(hits)),
        "others": len(hits) - len(shown),
        "seen": (SEEN, mark_of(hits)),
    }


def unless_seen(form: ForeseenForm, hits: Sequence[Hit]) -> None:
    """AppointmentsInTheWay if there are visits that were not shown yet."""
    if hits and not form.has_seen(hits):
        raise AppointmentsInTheWay(hits)
