"""What is done with an appointment on pages of their own: the steps of its visit, cancelling, and taking back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.verbs import Verb
from accounts.models import User
from clinic import booking
from clinic.admin.forms import with_alternatives
from clinic.models import Appointment
from clinic.slots import SlotTaken


class StepForm(forms.Form):
    """Which version of the appointment was looked at."""

    version = forms.CharField(widget=forms.HiddenInput)


class CancelForm(StepForm):
    """Why, too."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("Kept with the appointment. Name no health facts.")
    )


def undo(appointment: Appointment, **said: Any) -> Appointment:
    """Take the last step back; a lost time with the nearest free ones."""
    try:
        return booking.undo(appointment, **said)
    except SlotTaken as taken:
        raise with_alternatives(taken) from None


def _offered(name: str) -> Callable[[User, Appointment], bool]:
    return lambda by, appointment: name in booking.next_steps(appointment, by=by, now=timezone.now())


def _seen(appointment: Appointment) -> dict[str, Any]:
    return {"version": appointment.etag}


STEPS = (
    Verb(
        name="arrive",
        label=_("Patient has arrived"),
        explanation=_("From now on the doctor sees that the patient is here and waits."),
        done=_("The patient is here."),
        call=booking.arrive,
        offered=_offered("arrive"),
        form=StepForm,
        initial=_seen,
    ),
    Verb(
        name="start",
        label=_("Begin visit"),
        explanation=_("The doctor sees the patient now."),
        done=_("The visit has begun."),
        call=booking.start,
        offered=_offered("start"),
        form=StepForm,
        initial=_seen,
    ),
    Verb(
        name="complete",
        label=_("Complete visit"),
        explanation=_("The visit is over. This can be taken back for ten minutes, by you."),
        done=_("The visit is over."),
        call=booking.complete,
        offered=_offered("complete"),
        form=StepForm,
        initial=_seen,
    ),
    Verb(
        name="no-show",
        label=_("Patient did not come"),
        explanation=_("The time is free for others at once. This can be taken back for ten minutes, by you."),
        done=_("It is noted that the patient did not come."),
        call=booking.no_show,
        offered=_offered("no_show"),
        form=StepForm,
        initial=_seen,
        takes_away=True,
    ),
    Verb(
        name="cancel",
        label=_("Cancel appointment"),
        explanation=_("The time is free for others at once. The appointment stays in the list, as cancelled."),
        done=_("The appointment is cancelled."),
        call=booking.cancel,
        offered=_offered("cancel"),
        form=CancelForm,
        initial=_seen,
        takes_away=True,
    ),
    Verb(
        name="undo",
        label=_("Take the last step back"),
        explanation=_(
            "What you did last with this appointment, at most ten minutes ago, is as if you had not done it."
        ),
        done=_("The last step is taken back."),
        call=undo,
        offered=_offered("undo"),
        form=StepForm,
        initial=_seen,
    ),
)
