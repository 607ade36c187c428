"""The Message panel: a drawer from the right, to one person."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from candidly.actions.drafts import Place
from candidly.models import Person, ScheduledMessage
from candidly.rules.access import people_for
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.composer import Composer
from candidly.web.writing.places import composer_at
from candidly.web.writing.waiting import waiting, waiting_to
from candidly.web.writing.writers import writers_only


@require_GET
@writers_only
def message_panel(request: MemberRequest, pk: int) -> HttpResponse:
    """For the drawer that asks; a page of its own where there is none. `application` says what it is about."""
    person = get_object_or_404(people_for(request.member), pk=pk)
    return show(request, person, composer_at(request.member, Place(person=person), request.GET.dict()))


def show(request: MemberRequest, person: Person, composer: Composer, status: int = 200) -> HttpResponse:
    """The panel with this composer, above it what waits to go to the person."""
    context = {"person": person, "composer": composer, "waiting": waiting_to(request.member, person)}
    template = "writing/panel.html" if request.htmx else "writing/panel_page.html"
    return render(request, template, context, status=status)


def show_sent(request: MemberRequest, scheduled: ScheduledMessage) -> HttpResponse:
    """The panel once its message waits, or has gone."""
    context = {"person": scheduled.person, "sent": waiting(request.member, [scheduled])[0]}
    return render(request, "writing/panel_sent.html", context)
