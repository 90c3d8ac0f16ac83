"""Moments in words, for what happened at no site, and so in no site's time zone."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def ago(instant: datetime) -> str:
    """Such as ``just now`` or ``3 hours ago``: the largest two units that say how long it is since."""
    if timezone.now() - instant < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(instant)}
