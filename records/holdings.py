"""What this app holds about a person (:mod:`accounts.holdings`): that there is something, and where it is to be read.

What it says is read on pages, and taken away with :mod:`records.export`, where each reading is written down.
"""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.holdings import Fact, Part
from accounts.models import User
from records.models import Chart, MedicalRecord


def tell(user: User) -> Iterator[Part]:
    """How many visits were written about, for whoever has a chart."""
    chart = Chart.objects.filter(patient__user=user).values_list("pk", flat=True).first()
    if chart is None:
        return
    count = MedicalRecord.objects.filter(chart=chart).count()
    written = ngettext("%(count)s visit was written about.", "%(count)s visits were written about.", count)
    yield Part(
        "records",
        _("Medical record"),
        [[Fact("visits", _("Visits that were written about"), count)]],
        note=written % {"count": count},
        url=reverse("my-record"),
        link=_("My record"),
    )
