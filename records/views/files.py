"""Files beside records, handed out to be saved and never shown by the site."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from records import access, attachments
from records.models import Attachment

HEADERS = {
    # Whatever a browser might take it for, it does nothing.
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@require_safe
@login_required
@never_cache
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One file, for whoever may read its record; that he did is written down. 404 for another's as for none."""
    assert isinstance(request.user, User)
    return answer(pk, by=request.user)


def answer(pk: UUID, *, by: User, record: UUID | None = None) -> HttpResponse:
    """The file as an answer, of this ``record`` if one is named; Http404 if ``by`` may not read it, or it is lost."""
    try:
        opened = access.open_attachment(pk, by=by, now=timezone.now(), record=record)
        data = attachments.content(opened)
    except (Attachment.DoesNotExist, FileNotFoundError):
        raise Http404 from None
    disposition = content_disposition_header(as_attachment=True, filename=opened.name)
    return HttpResponse(data, content_type=opened.kind, headers=HEADERS | {"Content-Disposition": str(disposition)})
