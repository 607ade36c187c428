"""What a template said before, and going back to it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from candidly.actions import templates as actions
from candidly.actions.errors import Refused
from candidly.mail.plain import text_of
from candidly.models import Template
from candidly.rules.access import all_templates_for
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.paging import page_of
from candidly.web.writing.writers import writers_only

LISTED = 20


@require_GET
def template_versions(request: MemberRequest, pk: int) -> HttpResponse:
    """The versions, newest first, twenty at a time."""
    found = _found(request, pk)
    rows = found.versions.select_related("saved_by__user").defer("body")
    page = page_of(rows, request.GET.dict(), LISTED, newest_first=True)
    newest = found.versions.order_by("-pk").values_list("pk", flat=True).first()
    return render(request, "templates/versions.html", {"template": found, "page": page, "newest": newest})


@require_http_methods(["GET", "POST"])
def template_version(request: MemberRequest, pk: int, version: int) -> HttpResponse:
    """GET shows one. POST lets the template say it again."""
    found = _found(request, pk)
    kept = get_object_or_404(found.versions.select_related("template", "saved_by__user"), pk=version)
    if request.method == "POST":
        return writers_only(_restore)(request, found, version)
    newest = found.versions.order_by("-pk").values_list("pk", flat=True).first()
    text = text_of(kept.body) if kept.is_html else kept.body
    context = {"template": found, "version": kept, "text": text, "is_newest": kept.pk == newest}
    return render(request, "templates/version.html", context)


def _restore(request: MemberRequest, found: Template, version: int) -> HttpResponse:
    try:
        actions.restore(request.member, found.versions.select_related("template").get(pk=version))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Restored. What it said until now is kept as a version.")
    return redirect("template", found.pk)


def _found(request: MemberRequest, pk: int) -> Template:
    return get_object_or_404(all_templates_for(request.member), pk=pk)
