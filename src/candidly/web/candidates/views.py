"""The lists of candidates and of contacts, and adding somebody to them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import push_url

from candidly.actions import people
from candidly.actions.errors import Refused
from candidly.rules.access import may_add, may_keep_contacts, may_write
from candidly.web.candidates.directory import Directory
from candidly.web.candidates.forms import CandidateForm, ContactForm
from candidly.web.candidates.listing import Listing
from candidly.web.shell.request import MemberRequest


@require_GET
def people_list(request: MemberRequest, directory: Directory) -> HttpResponse:
    """The whole page; to htmx what a changed filter changes, one page of the list, or one unfolded facet."""
    listing = Listing(request.member, directory, request.GET)
    request.live_topics = [f"campaigns:{request.member.organization_id}"]
    context: dict[str, object] = {"listing": listing, "may_add": may_add(request.member, directory.kind)}
    if not request.htmx:
        return render(request, "candidates/list.html", context)
    if listing.unfolded:
        return render(request, "candidates/unfolded.html", context)
    context["is_new_filter"] = not listing.cursor
    address = f"{reverse(directory.many)}{listing.address}"
    return push_url(render(request, "candidates/changed.html", context), address)


@require_http_methods(["GET", "POST"])
def candidate_add(request: MemberRequest) -> HttpResponse:
    """Write down a candidate by hand, and go to their profile."""
    if not may_write(request.member):
        raise PermissionDenied("Your role is read-only: ask a super admin if you need to add candidates.")
    form = CandidateForm(request.member, request.POST or None)
    if not form.is_valid():
        return render(request, "candidates/add.html", {"form": form}, status=422 if form.is_bound else 200)
    try:
        person = people.add_candidate(
            request.member.organization, **form.cleaned_data, stage_owner=request.member, source="Direct"
        )
    except Refused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return render(request, "candidates/add.html", {"form": form}, status=422)
    messages.success(request, f"{person.full_name} added")
    return redirect(person.kind, person.pk)


@require_http_methods(["GET", "POST"])
def contact_add(request: MemberRequest) -> HttpResponse:
    """Write down a contact by hand, and go to their profile."""
    if not may_keep_contacts(request.member):
        raise PermissionDenied("Contacts are kept by recruiters and super admins: ask one of them to add yours.")
    form = ContactForm(request.POST or None)
    if not form.is_valid():
        return render(request, "candidates/add_contact.html", {"form": form}, status=422 if form.is_bound else 200)
    try:
        person = people.add_contact(request.member.organization, **form.cleaned_data)
    except Refused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return render(request, "candidates/add_contact.html", {"form": form}, status=422)
    messages.success(request, f"{person.full_name} added")
    return redirect(person.kind, person.pk)
