"""The admin's site: the organisation's name on it, sign-in by allauth's pages, its own password pages closed."""

from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.admin import notices, pages
from accounts.models import User


class Choices(AutocompleteJsonView):
    """What a field with search offers, each choice in the words of its own admin."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        """One choice."""
        label = getattr(self.model_admin, "choice_label", str)
        return {"id": str(getattr(obj, to_field_name)), "text": label(obj)}


class StaffSite(AdminSite):
    """Where receptionists and administrators work; everybody else is refused."""

    site_header = site_title = settings.ORGANISATION
    index_title = _("Clinic desk")
    site_url = "/"
    empty_value_display = "–"
    # The lists are in a row below the header; a column beside them would leave them too little room.
    enable_nav_sidebar = False

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The first page: what waits for the person who looks, then all lists; or the page where his role begins."""
        assert isinstance(request.user, User)
        if home := pages.home(request.user):
            return redirect(home.address)
        return super().index(request, {"notices": notices.for_user(request.user)} | (extra_context or {}))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """To allauth's page, which knows about verified addresses and limits; 403 for those who are not staff."""
        return secure_admin_login(super().login)(request, extra_context)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """To allauth's page: one way out."""
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """To allauth's page: one door for passwords."""
        return redirect("account_change_password")

    def get_urls(self) -> Any:
        """The desk's own pages, and Django's without its way to an object's page on the site: no object has one."""
        return [*pages.urls(self), *(one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site")]

    def each_context(self, request: HttpRequest) -> Any:
        """What every page is drawn with: the desk's own pages are in the menu."""
        user = request.user
        return super().each_context(request) | {"desk_pages": pages.menu(user) if isinstance(user, User) else []}

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """What a field with search offers."""
        return Choices.as_view(admin_site=self)(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every page of the admin; a NUL, which no database takes, is refused before any of them looks."""

        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if any("\x00" in text for values in request.GET.lists() for text in (values[0], *values[1])):
                raise BadRequest("NUL in the address")
            answer: HttpResponse = inner(request, *args, **kwargs)
            return answer

        return guarded
