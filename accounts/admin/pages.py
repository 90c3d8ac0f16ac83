"""Pages of the admin that are no model's: the desk's own, which the apps register in their ``admin`` packages."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from accounts.models import User

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, kw_only=True)
class Page:
    """``view(request, ...)`` at ``/admin/<route>``, called ``admin:desk-<name>``, for whoever has ``permission``.

    With a ``label`` it is in the menu, before the lists. For the roles in ``home_of`` it is the admin's first page.
    """

    route: str
    name: str
    view: Callable[..., HttpResponse]
    permission: str
    label: "StrOrPromise" = ""
    home_of: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Where it is; for a page whose route takes no argument."""
        return reverse(f"admin:desk-{self.name}")


_pages: list[Page] = []


def register(page: Page) -> None:
    """Put ``page`` into the admin."""
    _pages.append(page)


def urls(site: "AdminSite") -> list[URLPattern]:
    """The addresses of all pages, each behind the admin's door."""
    return [
        path(page.route, site.admin_view(partial(_guarded, page=page)), name=f"desk-{page.name}") for page in _pages
    ]


def menu(user: User) -> list[Page]:
    """The pages that ``user`` may open from the menu: those with which a role begins, then in order of registration."""
    mine = [page for page in _pages if page.label and user.has_perm(page.permission)]
    return sorted(mine, key=lambda page: not page.home_of)


def home(user: User) -> Page | None:
    """The page that ``user`` begins with; None for the index of all lists."""
    return next((page for page in _pages if user.role in page.home_of and user.has_perm(page.permission)), None)


def _guarded(request: HttpRequest, *args: object, page: Page, **kwargs: object) -> HttpResponse:
    assert isinstance(request.user, User)
    if not request.user.has_perm(page.permission):
        raise PermissionDenied
    return page.view(request, *args, **kwargs)
