"""What a real person would get, as the editor stands; and the ways between plain text and HTML."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from candidly.actions.merge_html import sanitized
from candidly.mail import plain
from candidly.mail.sanitize import text_to_html
from candidly.models import Member, Person, Place
from candidly.rules.access import applications_for, people_for
from candidly.rules.search_text import search_words
from candidly.web.shell.request import MemberRequest
from candidly.web.templates.forms import TemplateForm
from candidly.web.writing.paging import key_in
from candidly.web.writing.preview import Text

OFFERED = 8
CONTACT_PLACES = {Place.CONTACTS.value, Place.CAMPAIGN_CONTACTS.value}


@require_POST
def template_preview(request: MemberRequest) -> HttpResponse:
    """The text for the person whose turn it is, and what is wrong with it."""
    form = TemplateForm(request.POST)
    form.is_valid()
    text = text_of(request.member, form.cleaned_data)
    context = {**preview_of(request, text), "problems": text.problems(), "unknown": text.unknown}
    return render(request, "templates/preview.html", context)


@require_GET
def template_people(request: MemberRequest) -> HttpResponse:
    """Candidates and contacts to look at the text as, a few of those who fit the words."""
    people = people_for(request.member)
    for word in search_words(request.GET.get("q", "")[:100]):
        people = people.filter(search__text__contains=word)
    return render(request, "templates/people.html", {"people": people.order_by("-pk")[:OFFERED]})


@require_POST
def template_convert(request: MemberRequest) -> HttpResponse:
    """The content as HTML, or, where `to` is "text", as plain text with what would be lost."""
    body = request.POST.get("body", "")[:200_000]
    if request.POST.get("to") != "text":
        return JsonResponse({"body": text_to_html(body), "lost": []})
    safe = sanitized(body)
    return JsonResponse({"body": plain.text_of(safe), "lost": plain.lost_as_text(safe)})


def text_of(member: Member, written: Mapping[str, Any]) -> Text:
    """What stands in the editor, whether or not it may be saved."""
    return Text(
        member,
        subject=written.get("subject") or "",
        body=written.get("body") or "",
        is_html=bool(written.get("is_html")),
        left_out=(),
    )


def preview_of(request: MemberRequest, text: Text) -> dict[str, Any]:
    """For `templates/preview_pane.html`."""
    person = _person(request)
    if person is None:
        return {"preview": None}
    applications = applications_for(request.member).select_related("opening").filter(person=person)
    application = applications.order_by("-applied_at", "-pk").first()
    as_text = request.POST.get("view") == "text"
    return {"preview": text.preview(person, application), "application": application, "as_text": as_text}


def _person(request: MemberRequest) -> Person | None:
    """The person shown, or their neighbour; to begin with the newest of those that the template is for."""
    shown = people_for(request.member).filter(pk=key_in(request.POST, "person")).first()
    if shown is None:
        return _first(request)
    alike = people_for(request.member).filter(kind=shown.kind).order_by("-pk")
    match request.POST.get("go"):
        case "next":
            return alike.filter(pk__lt=shown.pk).first() or shown
        case "previous":
            return alike.filter(pk__gt=shown.pk).last() or shown
    return shown


def _first(request: MemberRequest) -> Person | None:
    places = set(request.POST.getlist("places"))
    is_for_contacts = bool(places) and places <= CONTACT_PLACES
    people: QuerySet[Person] = people_for(request.member).order_by("-pk")
    wanted = Person.Kind.CONTACT if is_for_contacts else Person.Kind.CANDIDATE
    return people.filter(kind=wanted).first() or people.first()
