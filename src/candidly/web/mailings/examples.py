"""An example of what is being written, to any address."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from candidly.actions import examples
from candidly.actions.errors import Refused
from candidly.models import Application, Person
from candidly.rules import access
from candidly.rules.merge_fields import values_for
from candidly.rules.response_links import links_of
from candidly.web.mailings.drawer import people_of, shown_person
from candidly.web.mailings.finding import found_mailing
from candidly.web.mailings.forms import ComposeForm
from candidly.web.mailings.frozen import frozen_people, written_for
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.paging import key_in
from candidly.web.writing.writers import writers_only


@require_POST
@writers_only
def mailing_example(request: MemberRequest) -> HttpResponse:
    """With the values of the recipient who is shown."""
    form, people = _asked(request)
    if not form.is_valid():
        messages.error(request, "Mend what is marked in the text first, then send the example.")
        return HttpResponse(status=204)
    person = shown_person(people, request)
    if person is None:
        messages.error(request, "There is nobody as whom to show it. Add a member first.")
        return HttpResponse(status=204)
    address = request.POST.get("example_to", "").strip()
    try:
        examples.send(request.member, address, _as(form, person), form.campaign)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Example sent to {address}")
    return HttpResponse(status=204)


def _asked(request: MemberRequest) -> tuple[ComposeForm, QuerySet[Person]]:
    """What is written, and to whom: of a scheduled mailing, whoever was frozen."""
    if pk := key_in(request.POST, "mailing"):
        found = found_mailing(request, pk)
        return written_for(request, found), frozen_people(found)
    form = ComposeForm(request.member, request.POST)
    return form, people_of(form) if form.is_valid() else Person.objects.none()


def _as(form: ComposeForm, person: Person) -> examples.Example:
    """The very text that this person would get, with links that answer nothing."""
    content = form.text.content
    values = values_for(person, _application(form, person), form.member) | links_of(None)
    return examples.Example(
        name=person.full_name,
        subject=content.subject.render_header(values),
        text=content.text.render(values),
        html=content.body.render(values, html=True) if form.text.is_html else "",
    )


def _application(form: ComposeForm, person: Person) -> Application | None:
    applications = access.applications_for(form.member).select_related("opening")
    return applications.filter(pk=person.mailing_application).first()  # type: ignore[attr-defined]
