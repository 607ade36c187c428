"""For programs that watch over Candidly: is it up, can it serve, and how is it doing."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from candidly.web.health.readiness import why_not_ready
from candidly.web.health.scraping import may_scrape


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Asks nothing of the database: a restart would not mend that."""
    return _says("ok")


@require_safe
@never_cache
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and has this version's tables; otherwise 503 with the reason."""
    try:
        problem = why_not_ready()
    except DatabaseError:
        problem = "The database does not answer."
    return _says(problem or "ready", status=503 if problem else 200)


@require_safe
@never_cache
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus's text format; for whoever may not have it there is no such page."""
    if not may_scrape(request):
        raise Http404
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _says(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
