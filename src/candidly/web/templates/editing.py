"""What the editor shows beside the template itself: the list, the merge fields, the files, the preview."""

from typing import Any

from candidly.models import AddressRule, Place, Template
from candidly.rules.plans import allows
from candidly.web.shell.request import MemberRequest
from candidly.web.templates.forms import TemplateForm, named_files
from candidly.web.templates.listing import Listing
from candidly.web.templates.previewing import preview_of, text_of
from candidly.web.writing.merge_menu import menu

PLACE_HINTS = {
    Place.CANDIDATES: "When you write to candidates",
    Place.CAMPAIGN_CANDIDATES: "To candidates of a campaign",
    Place.CONTACTS: "When you write to contacts",
    Place.CAMPAIGN_CONTACTS: "To contacts of a campaign",
}


def editor(
    request: MemberRequest, found: Template | None, form: TemplateForm | None = None, changed: Template | None = None
) -> dict[str, Any]:
    """For `templates/templates.html`. `changed` is how the template stands, when the form was opened before that."""
    form = form or TemplateForm.of(found)
    text = text_of(request.member, form.written)
    return {
        "listing": Listing(request.member, request.GET.dict() | {"open": str(found.pk) if found else ""}),
        **menu(request.member, in_campaign=allows(request.member.organization, "campaigns")),
        **preview_of(request, text),
        **_files(request, found),
        "template": found,
        "form": form,
        "changed": changed,
        "changed_version": changed.versions.order_by("-pk").values_list("pk", flat=True).first() if changed else None,
        "places": [(place, PLACE_HINTS[place]) for place in Place],
        "address_rules": AddressRule.choices,
        "problems": text.problems(),
        "is_open": True,
    }


def _files(request: MemberRequest, found: Template | None) -> dict[str, Any]:
    """Those of the template, and those that were attached or taken off in the form that came."""
    kept = list(found.attachments.order_by("pk")) if found else []
    detached = set(request.POST.getlist("detached"))
    new = [file for file in named_files(request.member, request.POST.getlist("attachments")) if file not in kept]
    return {"files": [file for file in kept if str(file.pk) not in detached], "new_files": new, "detached": detached}
