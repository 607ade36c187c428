"""The templates page: the list, the editor, and what a real person would get."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from candidly.actions import templates as actions
from candidly.actions.errors import Refused
from candidly.models import Template
from candidly.rules.access import all_templates_for, templates_for
from candidly.web.shell.request import MemberRequest
from candidly.web.shell.toasts import Undo, undoable
from candidly.web.templates.editing import editor
from candidly.web.templates.forms import TemplateForm, named_files
from candidly.web.templates.listing import Listing
from candidly.web.writing.writers import writers_only


@require_GET
def templates(request: MemberRequest) -> HttpResponse:
    """The list; the first template is open beside it, unless only the list was asked for."""
    listing = Listing(request.member, request.GET.dict())
    if request.htmx:
        return render(request, "templates/rows.html", {"listing": listing})
    first = None if listing.is_narrowed else listing.found.first()
    context = editor(request, first) if first else {"listing": listing}
    return render(request, "templates/templates.html", {**context, "pane": "list"})


@require_http_methods(["GET", "POST"])
@writers_only
def template_new(request: MemberRequest) -> HttpResponse:
    """An empty editor. POST saves what is in it."""
    if request.method == "POST":
        return _save(request, None)
    return render(request, "templates/templates.html", editor(request, None))


@require_http_methods(["GET", "POST", "DELETE"])
def template(request: MemberRequest, pk: int) -> HttpResponse:
    """One template in the editor. POST saves it, even one that was deleted meanwhile; DELETE takes it away."""
    if request.method == "POST":
        return writers_only(_save)(request, get_object_or_404(all_templates_for(request.member), pk=pk))
    found = get_object_or_404(templates_for(request.member), pk=pk)
    if request.method == "DELETE":
        return writers_only(_delete)(request, found)
    return render(request, "templates/templates.html", editor(request, found))


@require_POST
@writers_only
def template_copy(request: MemberRequest, pk: int) -> HttpResponse:
    """A copy of it, open in the editor."""
    found = get_object_or_404(templates_for(request.member), pk=pk)
    try:
        copy = actions.duplicate(request.member, found)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("template", pk)
    messages.success(request, f"Duplicated as “{copy.name}”.")
    return redirect("template", copy.pk)


@require_http_methods(["DELETE"])
@writers_only
def template_deleted(request: MemberRequest, pk: int) -> HttpResponse:
    """DELETE takes the deletion back."""
    found = get_object_or_404(all_templates_for(request.member), pk=pk)
    try:
        actions.bring_back(request.member, found)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponse(status=204)
    messages.success(request, f"“{found.name}” is back.")
    return HttpResponseClientRedirect(reverse("template", args=[pk]))


def _save(request: MemberRequest, found: Template | None) -> HttpResponse:
    form = TemplateForm(request.POST)
    changed = None
    if form.is_valid():
        try:
            saved = actions.save(
                request.member,
                found,
                form.content,
                seen=form.cleaned_data["seen"],
                attached=named_files(request.member, request.POST.getlist("attachments")),
                detached=named_files(request.member, request.POST.getlist("detached")),
            )
        except actions.ChangedMeanwhile as refusal:
            changed = refusal.template
            form.add_error(None, str(refusal))
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"Saved “{saved.name}”.")
            return redirect("template", saved.pk)
    return render(request, "templates/templates.html", editor(request, found, form, changed), status=422)


def _delete(request: MemberRequest, found: Template) -> HttpResponse:
    try:
        actions.delete(request.member, found)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        undo = Undo("delete", reverse("template_deleted", args=[found.pk]))
        undoable(request, f"Deleted “{found.name}”.", undo)
    return HttpResponseClientRedirect(reverse("templates"))
