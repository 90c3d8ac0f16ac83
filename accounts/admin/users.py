"""Users: whom the organisation appoints, with which role, and whom it lets go."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import mailed_links, second_factor, staffing
from accounts.admin import consequences
from accounts.admin.base import VerbAdmin, actor, in_utc
from accounts.admin.forms import VerbForm
from accounts.admin.verbs import Verb
from accounts.models import Role, User


class UserForm(VerbForm):
    """Appoints somebody, or corrects names and gives another role. No password: its owner sets it."""

    def call(self) -> User:
        """The verbs of staffing; name and role in one transaction, the admin's."""
        data = self.cleaned_data
        details = {name: data[name] for name in staffing.DETAILS}
        if self.instance._state.adding:
            return staffing.appoint(by=self.by, now=self.now, email=data["email"], role=Role(data["role"]), **details)
        role = Role(data["role"]) if "role" in data else None
        return staffing.change(self.instance, by=self.by, now=self.now, role=role, **details)


def _may_let_go(by: User, person: User) -> bool:
    return person.is_active and person.pk != by.pk and staffing.may_manage(by, person)


def _may_be_invited(by: User, person: User) -> bool:
    return mailed_links.awaits_its_owner(person) and staffing.may_manage(by, person)


def _may_let_in(by: User, person: User) -> bool:
    return not person.is_active and staffing.may_manage(by, person)


def _may_lose_factor(by: User, person: User) -> bool:
    return person.pk != by.pk and staffing.may_manage(by, person) and second_factor.is_set(person)


@admin.register(User)
class UserAdmin(VerbAdmin):
    """An address is set once, by whoever appoints; afterwards its owner changes it, and proves the new one."""

    form = UserForm
    verbs = (
        Verb(
            name="invite",
            label=_("Send the invitation again"),
            explanation=_("The owner of the address gets a mail with a new link, by which to set a password."),
            done=_("The invitation is on its way."),
            call=staffing.invite,
            offered=_may_be_invited,
        ),
        Verb(
            name="deactivate",
            label=_("Deactivate"),
            explanation=_(
                "This person can sign in no more, and every sign-in ends at once. What was done stays. A doctor's"
                " visits to come are listed to be moved."
            ),
            done=_("The account is deactivated."),
            call=staffing.deactivate,
            offered=_may_let_go,
            takes_away=True,
            goes_with=consequences.of_letting_go,
        ),
        Verb(
            name="reactivate",
            label=_("Reactivate"),
            explanation=_("This person can sign in again."),
            done=_("The account is active again."),
            call=staffing.reactivate,
            offered=_may_let_in,
        ),
        Verb(
            name="reset-second-factor",
            label=_("Reset second factor"),
            explanation=_(
                "For somebody who has lost phone, key and recovery codes. Make sure that it is he who asks: afterwards"
                " the password alone lets in, until a second factor is set up again. Every sign-in ends at once, and"
                " the owner of the address is told by mail."
            ),
            done=_("The second factor is removed."),
            call=second_factor.reset,
            offered=_may_lose_factor,
            takes_away=True,
        ),
    )
    list_display = ("name", "email", "role", "is_active", "is_verified", "has_second_factor", "last_seen")
    list_filter = ("role", "is_active")
    search_fields = ("email", "first_name", "last_name")
    search_help_text = _("Name or e-mail address")
    ordering = ("last_name", "first_name", "id")
    readonly_fields = ("is_active", "is_verified", "has_second_factor", "last_seen", *VerbAdmin.readonly_fields)

    def get_queryset(self, request: HttpRequest) -> Any:
        """All users, each with whether the address is proved, and a second factor set up."""
        return second_factor.with_factor(staffing.with_proof(super().get_queryset(request)))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """For whom ``staffing`` lets one manage: of a superuser only a superuser."""
        permitted = super().has_change_permission(request, obj)
        return permitted and (obj is None or staffing.may_manage(actor(request), obj))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Who, and with which role; what is kept about the account last."""
        who = (None, {"fields": ("email", "first_name", "last_name", "phone", "role")})
        if obj is None:
            told = _("The owner of the address gets a mail with a link, by which to set a password. Nobody else does.")
            return [(None, who[1] | {"description": told})]
        return [who, (_("Account"), {"fields": self.readonly_fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """The address once it is set, and one's own role."""
        if obj is None:
            return self.readonly_fields
        own = ("role",) if obj == request.user else ()
        return ("email", *own, *self.readonly_fields)

    @admin.display(description=_("name"), ordering="last_name")
    def name(self, obj: User) -> str:
        """As in a card index."""
        return f"{obj.last_name}, {obj.first_name}"

    @admin.display(description=_("address proved"), boolean=True)
    def is_verified(self, obj: Any) -> bool:
        """Whether the person has shown that the address is his; before that nobody signs in."""
        return bool(obj.has_proof)

    @admin.display(description=_("second factor"), boolean=True)
    def has_second_factor(self, obj: Any) -> bool:
        """Whether signing in asks for more than the password."""
        return bool(obj.has_factor)

    @admin.display(description=_("last sign-in"), ordering="last_login")
    def last_seen(self, obj: User) -> str:
        """When the person last signed in."""
        return in_utc(obj.last_login)
