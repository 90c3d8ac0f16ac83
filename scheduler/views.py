"""A page of the project itself, which is there only to try the product."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from scheduler import shown_mail


@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """The last mails that were sent; 404 unless DEBUG is on: they have codes and links in them."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "shown_mail.html", {"mails": shown_mail.last()})
