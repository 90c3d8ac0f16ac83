"""Forms of the admin: each calls one verb, and tells the verb's refusal at its field."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError

from accounts.inputs import tell
from accounts.models import User

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


NAMED = forms.Media(js=("admin/js/autocomplete.js", "js/name-searches.js"))
"""In this order: the second names what the first has made."""


class Search(AutocompleteSelect):
    """A field with search. An id that is none is drawn as no choice; Django's own widget would fail on it."""

    @property
    def media(self) -> forms.Media:
        """Django's scripts, and ours."""
        return super().media + NAMED

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        """The choice made, if there is one."""
        return super().optgroups(name, [known for known in value if is_id(known)], attrs)


def is_id(text: object) -> bool:
    """Whether it is written as ids are."""
    try:
        return bool(UUID(str(text)))
    except ValueError:
        return False


class VerbForm(ModelForm):
    """A form whose ``save`` is one verb: subclasses say which in ``call``.

    The admin fills in ``by`` and ``now``. ``refusal`` is what the verb said to the same input a moment ago: the form is
    then not valid, and shows it.
    """

    by: User
    now: datetime
    refusal: ValidationError | None = None

    def call(self) -> Any:
        """Call the verb with what was entered; answer the object as it is now. Its refusal is raised."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        """Whatever the fields say; then the verb's refusal, if there was one."""
        super().clean()
        if self.refusal is not None:
            tell(self, self.refusal)
        return self.cleaned_data

    def save(self, commit: bool = True) -> Any:
        """The verb. There is no saving without it, so ``commit`` means nothing here."""
        return self.call()

    def lists(self) -> dict[str, Any]:
        """What was chosen for the model's many-to-many fields."""
        return {
            field.name: self.cleaned_data[field.name]
            for field in self._meta.model._meta.many_to_many
            if field.name in self.cleaned_data
        }
