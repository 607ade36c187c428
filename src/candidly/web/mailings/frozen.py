"""A scheduled mailing as those get it who were frozen when it was scheduled, whoever is in its audience by now."""

from dataclasses import replace

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from candidly.models import Mailing, Person
from candidly.web.mailings.drawer import previews, shown_person
from candidly.web.mailings.finding import found_mailing
from candidly.web.mailings.forms import ComposeForm
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.preview import Preview
from candidly.web.writing.writers import writers_only


@require_POST
@writers_only
def mailing_edit_preview(request: MemberRequest, pk: int) -> HttpResponse:
    """The words that stand in the form, as one recipient would get them, and what is wrong with them."""
    found = found_mailing(request, pk)
    form = written_for(request, found)
    people = frozen_people(found)
    person = shown_person(people, request)
    context = {
        "mailing": found,
        "form": form,
        "preview": _preview(form, person) if person else None,
        "place": people.filter(pk__lte=person.pk).count() if person else 0,
        "example_to": request.POST.get("example_to") or request.member.email,
    }
    return render(request, "mailings/edit_preview.html", context)


def written_for(request: MemberRequest, mailing: Mailing) -> ComposeForm:
    """What stands in the form, as the mailing would say it: its sender's, and leaving out whom it leaves out."""
    form = ComposeForm(mailing.sender, request.POST)
    form.is_valid()
    form.text = replace(form.text, channels=tuple(mailing.channels), left_out=tuple(mailing.left_out))
    return form


def frozen_people(mailing: Mailing) -> QuerySet[Person]:
    """In the order of ids, each with `mailing_application`, `used_address`, `used_phone` and `why_not` as they were
    frozen."""
    frozen = mailing.recipients.filter(person=OuterRef("pk"))
    names = {
        "mailing_application": "application",
        "used_address": "address",
        "used_phone": "phone",
        "why_not": "reason",
    }
    columns = {name: Subquery(frozen.values(column)[:1]) for name, column in names.items()}
    return Person.objects.filter(pk__in=mailing.recipients.values("person")).annotate(**columns).order_by("pk")


def _preview(form: ComposeForm, person: Person) -> Preview:
    (preview,) = previews(form, [person])
    return replace(preview, reason=preview.reason or person.why_not)  # type: ignore[attr-defined]
