"""The sandbox phone: every text that would have gone out, on the phone of who would have got it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from candidly.models import SandboxText
from candidly.sandbox.phones import correspondent_of, phones, texts_of
from candidly.sandbox.provider import NO_MOBILE, hand_in, report
from candidly.web.shell.phone import NOT_A_NUMBER, e164
from candidly.web.shell.request import MemberRequest

#: What can be reported of a text: the provider's word and code, and how the page says it.
REPORTS = {
    "delivered": ("", "Reported as delivered"),
    "undelivered": ("30003", "Reported as not delivered: the phone is switched off"),
}


class TextForm(forms.Form):
    """What the phone's owner writes."""

    number = forms.CharField(max_length=30)
    text = forms.CharField(max_length=1600)


@require_GET
def phone(request: MemberRequest) -> HttpResponse:
    """The phones, and one of them open."""
    return render(request, "sandbox/phone.html", _page(_number(request.GET.get("number", ""))))


@require_GET
def newer(request: MemberRequest) -> HttpResponse:
    """The open phone's texts again when there are new ones; 204 when not. Asked every few seconds."""
    number, after = request.GET.get("number", ""), request.GET.get("after", "")
    texts = texts_of(number)
    if not texts or str(texts[-1].pk) == after:
        return HttpResponse(status=204)
    return render(request, "sandbox/phone.html#texts", {"number": number, "texts": texts})


@require_POST
def answer(request: MemberRequest) -> HttpResponse:
    """Texts as the phone's owner, through the address that the provider calls."""
    form = TextForm(request.POST)
    number = _number(request.POST.get("number", ""))
    if not form.is_valid() or not number:
        messages.error(request, "Write something first, then send." if number else NOT_A_NUMBER)
        return _to_phone(number)
    to = correspondent_of(number)
    outcome = hand_in(number, to, form.cleaned_data["text"])
    if outcome.taken:
        SandboxText.objects.create(sender=number, recipient=to, text=form.cleaned_data["text"], is_answer=True)
    else:
        messages.error(request, outcome.sentence)
    return _to_phone(number)


@require_POST
def status(request: MemberRequest, pk: int) -> HttpResponse:
    """Says what became of one of our texts."""
    text = get_object_or_404(SandboxText, pk=pk, is_answer=False)
    became = request.POST.get("status", "")
    code, sentence = REPORTS.get(became, ("", ""))
    if sentence and text.status_url:
        outcome = report(text, became, code)
        (messages.success if outcome.taken else messages.error)(request, outcome.sentence or sentence)
    return _to_phone(text.recipient)


@require_POST
def clear(request: MemberRequest) -> HttpResponse:
    SandboxText.objects.all().delete()
    messages.success(request, "Phones cleared")
    return redirect("sandbox_phone")


def _page(number: str) -> dict[str, Any]:
    found = phones()
    return {
        "phones": found,
        "number": number,
        "texts": texts_of(number) if number else [],
        "to": correspondent_of(number) if number else "",
        "refused_suffix": NO_MOBILE,
    }


def _number(typed: str) -> str:
    """In E.164; empty for what is no number."""
    try:
        return e164(typed)
    except forms.ValidationError:
        return ""


def _to_phone(number: str) -> HttpResponse:
    return redirect(f"{reverse('sandbox_phone')}?{urlencode({'number': number})}")
