"""Templates and merge fields for a message to one person: what is put in is filled for them."""

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from candidly.actions.drafts import Place
from candidly.mail.sanitize import html_to_text
from candidly.models import Application, Person, Template
from candidly.models import Place as Offered
from candidly.rules.access import templates_offered
from candidly.rules.merge_fields import MergeText, compile_text, values_for
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.merge_menu import menu
from candidly.web.writing.paging import key_in
from candidly.web.writing.places import applications_of, place_in
from candidly.web.writing.writers import writers_only

LISTED = 100


@require_GET
@writers_only
def inserts(request: MemberRequest) -> HttpResponse:
    """The two menus of a composer."""
    place = place_in(request.member, request.GET.dict())
    values = _values(request, place)
    fields = [(name, label, values.get(name, "")) for name, label in menu(request.member)["merge_fields"]]
    context = {
        "templates": _templates(request, place)[:LISTED],
        "fields": fields,
        "place": urlencode(
            {name: request.GET[name] for name in ("conversation", "person", "application") if name in request.GET}
        ),
        "id": "answer" if place.conversation else "message",
    }
    return render(request, "writing/inserts.html", context)


@require_GET
@writers_only
def insert_template(request: MemberRequest, pk: int) -> HttpResponse:
    """Its subject and text for the person. What has no value stays in braces, and is named in `empty`."""
    place = place_in(request.member, request.GET.dict())
    template = get_object_or_404(_templates(request, place), pk=pk)
    values = _values(request, place)
    body = html_to_text(template.body) if template.is_html else template.body
    subject, text = compile_text(template.subject), compile_text(body)
    empty = sorted({*subject.empty(values), *text.empty(values)})
    return JsonResponse({"subject": _filled(subject, values), "text": _filled(text, values), "empty": empty})


def _templates(request: MemberRequest, place: Place) -> QuerySet[Template]:
    """Those for contacts, where one is written to."""
    person, _ = _about(request, place)
    is_contact = person is not None and person.kind == Person.Kind.CONTACT
    return templates_offered(request.member, Offered.CONTACTS if is_contact else Offered.CANDIDATES)


def _filled(text: MergeText, values: dict[str, str]) -> str:
    pieces = [
        piece
        if isinstance(piece, str)
        else piece.raw
        if piece.value(values) is None
        else piece.render(values, html=False)
        for piece in text.pieces
    ]
    return "".join(pieces)


def _values(request: MemberRequest, place: Place) -> dict[str, str]:
    person, application = _about(request, place)
    return values_for(person, application, request.member) if person else {}


def _about(request: MemberRequest, place: Place) -> tuple[Person | None, Application | None]:
    if place.conversation:
        return place.conversation.person, place.conversation.application
    if place.person is None:
        return None, None
    asked = key_in(request.GET.dict(), "application")
    return place.person, applications_of(request.member, place.person).filter(pk=asked).first()
