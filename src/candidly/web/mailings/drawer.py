"""The bulk composer: write, look at it as each person gets it, send."""

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from candidly.actions import drafts, mailings
from candidly.actions.attachments import copies_of
from candidly.actions.drafts import Place
from candidly.actions.errors import Refused
from candidly.models import KeptDraft, Mailing, Person
from candidly.rules import access, own_mailboxes, pacing, plans, preflight, snoozing
from candidly.rules.access import drafts_for
from candidly.rules.audience import audience_people, read_audience
from candidly.rules.channels import carried
from candidly.rules.quiet_hours import day_of
from candidly.web.mailings.counting import counted
from candidly.web.mailings.forms import ComposeForm
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.merge_menu import menu
from candidly.web.writing.paging import key_in, page_of
from candidly.web.writing.preview import Preview
from candidly.web.writing.writers import writers_only

LISTED = 20


@require_GET
@writers_only
def compose(request: MemberRequest) -> HttpResponse:
    """The drawer for the chosen people; a page of its own where there is no drawer to put it in."""
    audience = read_audience(request.GET)
    form = ComposeForm.fresh(request.member, audience, request.GET.get("kind", ""))
    people = audience_people(request.member, audience, form.kind_of_people).order_by("pk")
    draft = drafts_for(request.member).filter(**Place().row).first()
    context = {
        "form": _with_draft(form, draft),
        "version": drafts.version_of(draft),
        "new_files": draft.attachments.order_by("pk") if draft else [],
        "total": people.count(),
        "first": people[:3],
        "quiet": day_of(request.member.organization),
        **menu(request.member, in_campaign=form.campaign is not None),
    }
    return render(request, "mailings/drawer.html" if request.htmx else "mailings/compose.html", context)


def _with_draft(form: ComposeForm, draft: KeptDraft | None) -> ComposeForm:
    """As the member left it."""
    if draft:
        kept = {name: draft.fields.get(name, "") for name in ("subject", "body", "is_html")}
        channels = draft.fields.get("channels") or form.initial["channels"]
        form.initial = {**form.initial, **kept, "channels": channels}
    return form


@require_POST
@writers_only
def compose_text(request: MemberRequest) -> HttpResponse:
    """The subject, message and files of a template (or none), for the drawer that asks."""
    asked = ComposeForm(request.member, request.POST)
    asked.is_valid()
    template = asked.cleaned_data.get("template")
    audience = asked.cleaned_data.get("audience", {})
    form = ComposeForm.fresh(request.member, audience, asked.kind_of_people, template)
    files = copies_of(request.member, template) if template else []
    response = render(
        request,
        "mailings/text_of_template.html",
        {"form": form, "files": files, **menu(request.member, in_campaign=form.campaign is not None)},
    )
    return trigger_client_event(response, "compose-changed", {}, after="settle")


@require_POST
@writers_only
def mailing_preview(request: MemberRequest) -> HttpResponse:
    """The message as one recipient gets it, what is wrong with it, and how many get it."""
    form = ComposeForm(request.member, request.POST)
    form.is_valid()
    people = people_of(form)
    person = shown_person(people, request)
    carriers = carried(form.chosen_channels)
    found, kept = counted(form.intent, request.POST.get("counted", ""))
    context = {
        "form": form,
        "counted": found,
        "kept_count": kept,
        "left_out": form.left_out,
        "mailbox_obstacle": own_mailboxes.obstacle(request.member, form.chosen_channels),
        "carriers": len(carriers),
        "limit": plans.bulk_limit(request.member.organization),
        "takes": pacing.time_for(found.reached * len(carriers), pacing.limit_of(request.member)),
        "preview": previews(form, [person])[0] if person else None,
        "place": people.filter(pk__lte=person.pk).count() if person else 0,
        "example_to": request.POST.get("example_to") or request.member.email,
    }
    return render(request, "mailings/preview.html", context)


@require_POST
@writers_only
def mailing_people(request: MemberRequest) -> HttpResponse:
    """Who is in the audience, or, with `only`, whom that reason concerns (or who is left out); twenty at a time."""
    form = ComposeForm(request.member, request.POST)
    form.is_valid()
    only = request.POST.get("only", "")
    people = preflight.concerned_by(form.intent, only) if only else people_of(form)
    page = page_of(people, request.POST.dict(), LISTED)
    written = preflight.last_written(page.rows) if only == "recent" else {}
    rows = [(preview, written.get(preview.person.pk)) for preview in previews(form, page.rows)]
    context = {"page": page, "rows": rows, "only": only}
    return render(request, "mailings/people.html", context)


def create(request: MemberRequest) -> HttpResponse:
    """Send now, or at the chosen time. What is wrong is said at the field; nothing that was written is lost."""
    form = ComposeForm(request.member, request.POST)
    if not form.is_valid():
        return _again(request, form)
    try:
        mailing = mailings.send(request.member, form.order)
    except Refused as refusal:
        form.refuse(refusal)
        return _again(request, form)
    drafts.discard(request.member, Place())
    found, _ = counted(form.intent, request.POST.get("counted", ""))
    return _sent(request, mailing, sentence_of(mailing, found.reached))


def _sent(request: MemberRequest, mailing: Mailing, sentence: str) -> HttpResponse:
    """The confirmation at the top of the list that the drawer stood beside; without one, the mailing's page."""
    if not request.htmx:
        messages.success(request, sentence)
        return redirect("mailing", mailing.pk)
    response = render(request, "mailings/sent.html", {"mailing": mailing, "sentence": sentence})
    return trigger_client_event(response, "mailing-sent", {"id": mailing.pk})


def sentence_of(mailing: Mailing, reached: int) -> str:
    many = "" if reached == 1 else "s"
    people = f"{reached:,} {mailing.kind}{many}"
    if mailing.starts_at is None:
        what = f"Generating {reached:,} e-mail{many}" if mailing.campaign_id else f"Sending to {people}"
        return f"{what}. We e-mail you when all are sent."
    when = snoozing.in_words(timezone.localtime(mailing.starts_at), timezone.localtime())
    where = " where each of them is" if mailing.is_local_time else ""
    return f"Scheduled for {people}, {when}{where}. We e-mail you when all are sent."


def _again(request: MemberRequest, form: ComposeForm) -> HttpResponse:
    if request.htmx:
        response = render(
            request,
            "mailings/again.html",
            {"form": form, **menu(request.member, in_campaign=form.campaign is not None)},
            status=422,
        )
        return reswap(retarget(response, "#compose-text"), "outerHTML")
    people = people_of(form)
    context = {
        "form": form,
        "total": people.count(),
        "first": people[:3],
        "quiet": day_of(request.member.organization),
        **menu(request.member, in_campaign=form.campaign is not None),
    }
    return render(request, "mailings/compose.html", context, status=422)


def people_of(form: ComposeForm) -> QuerySet[Person]:
    """The audience in the order of ids, which is the order of the preview."""
    return preflight.previewed(form.intent).order_by("pk")


def shown_person(people: QuerySet[Person], request: MemberRequest) -> Person | None:
    """The recipient whose turn it is: the one shown, the next or the one before; the first to begin with."""
    shown = key_in(request.POST, "person")
    match request.POST.get("go"):
        case "next":
            return people.filter(pk__gt=shown).first() or people.filter(pk=shown).first()
        case "previous":
            return people.filter(pk__lt=shown).last() or people.filter(pk=shown).first()
    return people.filter(pk=shown).first() or people.first()


def previews(form: ComposeForm, people: Sequence[Person]) -> list[Preview]:
    """The message as each of `people` gets it."""
    ids = [person.mailing_application for person in people]  # type: ignore[attr-defined]
    applications = access.applications_for(form.member).select_related("opening").in_bulk([pk for pk in ids if pk])
    return [form.text.preview(person, applications.get(pk)) for person, pk in zip(people, ids, strict=True)]
