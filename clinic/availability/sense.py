"""What calendars are refused, whatever is in them."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinic.wall_clock import FIRST_YEAR, LAST_YEAR


def refusal(field: str, code: str, message: str) -> ValidationError:
    """A refusal at one field."""
    return ValidationError({field: ValidationError(message, code=code)})


def check_year(field: str, day: date | None) -> None:
    """Refuse (``bad_date``) a day in a year that was a slip of the finger."""
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise refusal(
            field,
            "bad_date",
            _("Enter a day between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR},
        )
