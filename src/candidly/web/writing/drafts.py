"""Drafts as pages keep them and fetch them."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from candidly.actions import drafts
from candidly.models import Attachment, Member
from candidly.rules.numbers import numbers_in
from candidly.web.shell.request import MemberRequest
from candidly.web.writing.places import composer_at, place_in
from candidly.web.writing.words import files_to_send
from candidly.web.writing.writers import writers_only

LONGEST = 1_000_000


class DraftForm(forms.Form):
    """The composer as it stands, right or wrong: nothing in it is refused."""

    subject = forms.CharField(max_length=998, required=False, strip=False)
    text = forms.CharField(max_length=LONGEST, required=False, strip=False)
    body = forms.CharField(max_length=LONGEST, required=False, strip=False)
    is_html = forms.CharField(max_length=5, required=False)
    date = forms.CharField(max_length=10, required=False)
    time = forms.CharField(max_length=8, required=False)
    channels = forms.MultipleChoiceField(choices=[(name, name) for name in ("email", "sms", "app")], required=False)
    remind_days = forms.IntegerField(required=False, min_value=1, max_value=365)
    application = forms.IntegerField(required=False, min_value=1)
    note = forms.CharField(max_length=1, required=False)  # a note must not come back as a message

    @property
    def kept(self) -> dict[str, Any]:
        """What can be read of it."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


@require_POST
@writers_only
def keep_draft(request: MemberRequest) -> HttpResponse:
    """Keep it, or, when it has become empty, drop it: `{"version": …, "other": …}` as it is now."""
    place = place_in(request.member, request.POST.dict())
    draft = drafts.keep(
        request.member,
        place,
        DraftForm(request.POST).kept,
        _files(request.member, request.POST.getlist("attachments")),
        version=request.POST.get("version", ""),
        send_key=request.POST.get("send_key", "").replace("\x00", ""),
        is_settled="settled" in request.POST,
    )
    other = draft.fields.get(drafts.OTHER, "") if draft else ""
    return JsonResponse({"version": drafts.version_of(draft), "other": other})


@require_GET
@writers_only
def composer(request: MemberRequest) -> HttpResponse:
    """A composer with the draft as it is kept. With `version`: 204 while that is still the newest."""
    place = place_in(request.member, request.GET.dict())
    if place.conversation is None and place.person is None:
        raise Http404
    found = composer_at(request.member, place, request.GET.dict())
    if request.GET.get("version") == found.version:
        return HttpResponse(status=204)
    return render(request, "writing/composer.html", {"composer": found})


def _files(member: Member, named: list[str]) -> list[Attachment]:
    numbers = numbers_in(named)
    return list(files_to_send(member, "").filter(pk__in=numbers)) if numbers else []
