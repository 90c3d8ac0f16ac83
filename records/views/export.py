"""Everything about whoever asks, as a file to take away."""

from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import throttles
from accounts.models import User
from records import export
from records.views.files import HEADERS

SCOPE = "take_away"
draw = partial(render_to_string, "records/export.html")


@require_POST
@login_required
@never_cache
def my_record_file(request: HttpRequest) -> HttpResponseBase:
    """The ZIP, under a name that tells of nobody."""
    assert isinstance(request.user, User)
    if throttles.spend(SCOPE, str(request.user.pk), request) is None:
        throttles.refused(request, SCOPE, str(request.user.pk))
        return render(request, "429.html", status=429)
    made = export.build(request.user, now=timezone.now(), draw=draw)
    return FileResponse(
        made, as_attachment=True, filename="my-data.zip", content_type="application/zip", headers=HEADERS
    )
