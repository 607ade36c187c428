"""Lists of people that come in: upload, what would become of each row, taking in with its progress."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Concatenate

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from candidly.actions import imports as actions
from candidly.actions.errors import Refused
from candidly.models import ImportProblem, PeopleImport
from candidly.rules.access import imports_for, may_keep_contacts
from candidly.web.lists.forms import UploadForm, columns_of, fields_in
from candidly.web.shell.request import MemberRequest
from candidly.web.shell.spreadsheet import as_csv
from candidly.web.writing.paging import page_of

LISTED = 20
State = PeopleImport.State
#: Of a hundred: how far a list is said aloud.
STEP = 10


def list_keepers_only[**P, Answer: HttpResponseBase](
    view: Callable[Concatenate[MemberRequest, P], Answer],
) -> Callable[Concatenate[MemberRequest, P], Answer]:
    """Others get 403 and the reason."""

    @wraps(view)
    def checked(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        if not may_keep_contacts(request.member):
            raise PermissionDenied(actions.NOT_YOURS)
        return view(request, *args, **kwargs)

    return checked


@require_http_methods(["GET", "POST"])
@list_keepers_only
def imports(request: MemberRequest) -> HttpResponse:
    """GET: a form, and what was brought before. POST: bring a file, which a worker then looks through."""
    form = UploadForm(initial={"kind": request.GET.get("kind", "")})
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = actions.upload(request.member, form.cleaned_data["kind"], file.name, file, file.size)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return redirect("import", found.pk)
    page = page_of(
        imports_for(request.member).select_related("member__user"), request.GET.dict(), LISTED, newest_first=True
    )
    return render(request, "lists/imports.html", {"form": form, "page": page}, status=422 if form.errors else 200)


@require_GET
@list_keepers_only
def import_page(request: MemberRequest, pk: int) -> HttpResponse:
    """One list: how far it is, its columns, and what is wrong with which row."""
    return _page(request, _found(request, pk))


def _page(request: MemberRequest, found: PeopleImport, problem: str = "", status: int = 200) -> HttpResponse:
    request.live_topics = [f"import:{found.pk}"]
    context = {
        **_figures(found),
        "columns": columns_of(found),
        "column_problem": problem,
        "page": page_of(found.problems.all(), request.GET.dict(), LISTED),
    }
    return render(request, "lists/import.html", context, status=status)


@require_GET
@list_keepers_only
def import_progress(request: MemberRequest, pk: int) -> HttpResponse:
    """The figures alone. When the state is not the one the page shows, the whole page loads again."""
    found = _found(request, pk)
    if request.GET.get("state") != found.state:
        return HttpResponseClientRefresh()
    figures = _figures(found)
    says = request.GET.get("step") != str(figures["step"])
    return render(request, "lists/progress_update.html", {**figures, "says": says})


@require_POST
@list_keepers_only
def import_columns(request: MemberRequest, pk: int) -> HttpResponse:
    """Say which column is what; the file is looked through again."""
    found = _found(request, pk)
    try:
        actions.name_columns(found, fields_in(found, request.POST))
    except (Refused, ValueError) as refusal:
        return _page(request, found, str(refusal), 422)
    return redirect("import", pk)


@require_POST
@list_keepers_only
def import_begin(request: MemberRequest, pk: int) -> HttpResponse:
    """Take it in. A second click finds that it has begun."""
    found = _found(request, pk)
    actions.begin(request.member, found)
    return redirect("import", pk)


@require_POST
@list_keepers_only
def import_cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """No further row is taken in."""
    found = _found(request, pk)
    if actions.cancel(found):
        messages.success(request, "Cancelled. What was taken in already stays.")
    return redirect("import", pk)


@require_GET
@list_keepers_only
def import_problems(request: MemberRequest, pk: int) -> StreamingHttpResponse:
    """What is wrong with which row, as a file."""
    found = _found(request, pk)
    return as_csv(f"import-{found.pk}-problems.csv", ("Row", "Column", "What is wrong"), _lines(found))


def _lines(found: PeopleImport) -> Iterator[tuple[str, str, str]]:
    problems = ImportProblem.objects.filter(of=found).order_by("row", "pk")
    for row, column, sentence in problems.values_list("row", "column", "sentence").iterator(chunk_size=1000):
        yield str(row), column, sentence


def _found(request: MemberRequest, pk: int) -> PeopleImport:
    return get_object_or_404(imports_for(request.member).select_related("member__user"), pk=pk)


def _figures(found: PeopleImport) -> dict[str, Any]:
    done = found.new + found.changed + found.unchanged + found.wrong
    percent = done * 100 // found.total if found.total else 0
    return {
        "list": found,
        "done": done,
        "percent": percent,
        "step": percent // STEP * STEP,
        "is_under_way": found.state in actions.UNDER_WAY,
        "to_import": found.new + found.changed,
        "noun": NOUNS[found.kind],
    }


#: What the rows of a list are, one and many.
NOUNS: dict[str, str] = {
    PeopleImport.Kind.CANDIDATES: "candidate,candidates",
    PeopleImport.Kind.CONTACTS: "contact,contacts",
    PeopleImport.Kind.APPLICATIONS: "application,applications",
}
