"""What the lists of people can be narrowed by."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters

from accounts import staffing
from accounts.models import Role, User

LONGEST_SEARCH = 100


class UserFilters(filters.FilterSet):
    """Of accounts."""

    role = filters.ChoiceFilter(choices=Role.choices, label=_("The role."))
    is_active = filters.ChoiceFilter(
        choices=[("true", _("yes")), ("false", _("no"))], method="being_active", label=_("Whether they may sign in.")
    )
    search = filters.CharFilter(
        method="answering_to",
        max_length=LONGEST_SEARCH,
        label=_("Words of the name or the address; all must be found."),
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def being_active(self, users: QuerySet[User], _name: str, said: str) -> QuerySet[User]:
        """Those who may sign in, or those who may not."""
        return users.filter(is_active=said == "true")

    def answering_to(self, users: QuerySet[User], _name: str, words: str) -> QuerySet[User]:
        """Those whom the words name."""
        return staffing.matching(users, words)
