"""The search: candidates, openings, and above all every message that the member may read."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django_htmx.http import push_url

from candidly.web.search.results import Results
from candidly.web.shell.request import MemberRequest


@require_GET
def search(request: MemberRequest) -> HttpResponse:
    """The whole page; to htmx what another search changes, or the messages that follow those shown."""
    results = Results(request.member, request.GET)
    context: dict[str, object] = {"results": results}
    if not request.htmx:
        return render(request, "search/page.html", context)
    if results.after:
        return render(request, "search/rows.html", context)
    context["is_new_search"] = True
    query = results.query.to_query()
    return push_url(render(request, "search/changed.html", context), f"{reverse('search')}?{query}".rstrip("?"))
