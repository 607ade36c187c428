"""The templates page: the list, the editor, and what a real candidate would get."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from candidly.actions import templates as actions
from candidly.actions.errors import Refused
from candidly.models import Person, Template
from candidly.rules.access import applications_for, candidates_for, templates_for
from candidly.web.shell.request import MemberRequest
from candidly.web.templates.forms import TemplateForm
from candidly.web.writing.merge_menu import menu
from candidly.web.writing.paging import key_in
from candidly.web.writing.preview import Preview, Text
from candidly.web.writing.writers import writers_only

LISTED = 200


@require_GET
def templates(request: MemberRequest) -> HttpResponse:
    """The list; the first template is open beside it, unless only the list was asked for."""
    if request.htmx:
        return render(request, "templates/rows.html", _list(request))
    first = _found(request).first()
    if first is None or "q" in request.GET:
        return render(request, "templates/templates.html", {**_list(request), "pane": "list"})
    return render(request, "templates/templates.html", {**_editor(request, first), "pane": "list"})


@require_http_methods(["GET", "POST"])
@writers_only
def template_new(request: MemberRequest) -> HttpResponse:
    """An empty editor. POST saves what is in it."""
    if request.method == "POST":
        return _save(request, None)
    return render(request, "templates/templates.html", _editor(request, None))


@require_http_methods(["GET", "POST", "DELETE"])
def template(request: MemberRequest, pk: int) -> HttpResponse:
    """One template in the editor. POST saves it, DELETE takes it away."""
    found = get_object_or_404(templates_for(request.member), pk=pk)
    if request.method == "POST":
        return writers_only(_save)(request, found)
    if request.method == "DELETE":
        return writers_only(_delete)(request, found)
    return render(request, "templates/templates.html", _editor(request, found))


@require_POST
def template_preview(request: MemberRequest) -> HttpResponse:
    """The text as it stands in the editor, for the candidate whose turn it is, and what is wrong with it."""
    form = TemplateForm(request.POST)
    form.is_valid()
    text = _text(request, form.cleaned_data)
    return render(request, "templates/preview.html", {**_preview(request, text), "problems": text.problems()})


def _save(request: MemberRequest, found: Template | None) -> HttpResponse:
    # A form of its own row: the action decides whether `found` changes.
    form = TemplateForm(request.POST)
    if not form.is_valid():
        return _again(request, found, form)
    try:
        saved = actions.save(request.member, found, **form.cleaned_data)
    except Refused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return _again(request, found, form)
    messages.success(request, f"Saved “{saved.name}”.")
    return redirect("template", saved.pk)


def _delete(request: MemberRequest, found: Template) -> HttpResponse:
    try:
        actions.delete(request.member, found)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Deleted “{found.name}”.")
    return HttpResponseClientRedirect(reverse("templates"))


def _again(request: MemberRequest, found: Template | None, form: TemplateForm) -> HttpResponse:
    return render(request, "templates/templates.html", _editor(request, found, form), status=422)


def _found(request: MemberRequest) -> QuerySet[Template]:
    found = templates_for(request.member).select_related("owner__user").order_by("name", "pk")
    if wanted := request.GET.get("q", "").strip():
        return found.filter(name__icontains=wanted)
    return found


def _list(request: MemberRequest) -> dict[str, Any]:
    return {"rows": _found(request)[:LISTED], "wanted": request.GET.get("q", "").strip()}


def _editor(request: MemberRequest, found: Template | None, form: TemplateForm | None = None) -> dict[str, Any]:
    form = form or TemplateForm.of(found)
    written = form.data if form.is_bound else form.initial
    text = _text(request, written)
    return {
        **_list(request),
        **menu(request.member),
        **_preview(request, text),
        "template": found,
        "form": form,
        "problems": text.problems(),
        "is_open": True,
    }


def _text(request: MemberRequest, written: Mapping[str, Any]) -> Text:
    return Text(
        request.member,
        subject=written.get("subject") or "",
        body=written.get("body") or "",
        is_html=bool(written.get("is_html")),
        skip_empty=False,
    )


def _preview(request: MemberRequest, text: Text) -> dict[str, Any]:
    person = _person(request)
    if person is None:
        return {"preview": None}
    applications = applications_for(request.member).select_related("opening").filter(person=person)
    application = applications.order_by("-applied_at", "-pk").first()
    shown: Preview = text.preview(person, application)
    return {"preview": shown, "application": application}


def _person(request: MemberRequest) -> Person | None:
    """The candidate shown, or their neighbour; the newest one to begin with."""
    people = candidates_for(request.member).order_by("-pk")
    shown = key_in(request.POST, "person")
    match request.POST.get("go"):
        case "next":
            return people.filter(pk__lt=shown).first() or people.filter(pk=shown).first()
        case "previous":
            return people.filter(pk__gt=shown).last() or people.filter(pk=shown).first()
    return people.filter(pk=shown).first() or people.first()
