"""What all of a doctor's own pages share: who is let in, and what their frame shows."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from accounts.models import Role, User
from clinic import displacement
from clinic.displacement import Hit, mark_of
from clinic.models import Doctor
from clinic.views.openings import Day, by_day

FIRST = 100
"""So many visits are listed with the times near them; of the others the number is said."""
SEEN = "seen"
AGAIN = (SEEN, "csrfmiddlewaretoken")
"""What the page that asks first adds anew."""


def of_doctors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The page of a doctor who is let in: ``view`` gets him after the request. 404 for everybody else.

    A doctor whom the organisation has not let in, or not any more, is told so on his day's page.
    """

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = viewer(request)
        if user.role != Role.DOCTOR:
            raise Http404
        doctor = Doctor.objects.public().select_related("user").filter(user=user).first()
        if doctor is None:
            messages.warning(request, _("This page opens once an administrator has approved your profile."))
            return redirect("day")
        return view(request, doctor, *args, **kwargs)

    return login_required(never_cache(run))


def viewer(request: HttpRequest) -> User:
    """Who is signed in, where somebody must be."""
    assert isinstance(request.user, User)
    return request.user


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page of the workspace, with how many visits of his wait to be moved for the menu."""
    waiting = displacement.to_be_moved(request.user).count()
    return render(request, f"clinic/workspace/{template}.html", {"waiting": waiting} | context, status=status)


def tell_who_waits(request: HttpRequest, before: int) -> None:
    """After a change of his calendar: say how many more visits are to be moved than ``before``, or how many fewer."""
    more = displacement.to_be_moved(request.user).count() - before
    if more > 0:
        text = ngettext(
            "%(count)d visit is to be moved now; its patient is being told.",
            "%(count)d visits are to be moved now; their patients are being told.",
            more,
        )
        messages.warning(request, text % {"count": more})
    elif more < 0:
        text = ngettext("%(count)d visit stands again.", "%(count)d visits stand again.", -more)
        messages.success(request, text % {"count": -more})


def is_new(request: HttpRequest, hits: Sequence[Hit]) -> bool:
    """Whether a change would hit visits, and not just those that the doctor was shown on the page that asks first."""
    return bool(hits) and request.POST.get(SEEN) != mark_of(hits)


def ask_first(request: HttpRequest, hits: Sequence[Hit], action: str, *, back: str) -> HttpResponse:
    """The visits that would be hit, with the nearest free times of each, and the button that does it all the same.

    What was told is sent along once more, and which visits were shown. Nothing is written yet.
    """
    told = [(name, value) for name, values in request.POST.lists() if name not in AGAIN for value in values]
    context = {
        "hits": [(hit, by_doctor(hit)) for hit in hits[:FIRST]],
        "count": len(hits),
        "more": max(0, len(hits) - FIRST),
        "mark": mark_of(hits),
        "told": told,
        "action": action,
        "back": back,
    }
    return page(request, "ask_first", context)


def by_doctor(hit: Hit) -> list[tuple[Doctor, list[Day]]]:
    """The alternatives of a visit, each doctor's under his name: the visit's own comes first."""
    doctors = list(dict.fromkeys(slot.doctor for slot in hit.alternatives))
    return [(doctor, by_day(slot for slot in hit.alternatives if slot.doctor == doctor)) for doctor in doctors]
