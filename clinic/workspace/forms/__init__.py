"""The forms of a doctor's own pages: times are those of a site's clock, and what changes something calls one verb."""

from clinic.workspace.forms.follow_up import FollowUpForm, FollowUpSearch
from clinic.workspace.forms.hours import CopyForm, HoursForm
from clinic.workspace.forms.leave import ExceptionForm, ExtraHoursForm, TimeOffForm

__all__ = ["CopyForm", "ExceptionForm", "ExtraHoursForm", "FollowUpForm", "FollowUpSearch", "HoursForm", "TimeOffForm"]
