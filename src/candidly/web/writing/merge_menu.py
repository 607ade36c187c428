"""What the merge field menu offers."""

from typing import Any

from candidly.models import Member
from candidly.rules.merge_fields import CUSTOM, FIELDS, RESPONSE_LINKS, custom_keys


def menu(member: Member, *, in_campaign: bool = False) -> dict[str, Any]:
    """For `writing/merge_menu.html`: the fields with their words, the organization's own ones last."""
    own = [(CUSTOM + key, key.replace("_", " ").capitalize()) for key in custom_keys(member.organization_id)]
    links = RESPONSE_LINKS.items() if in_campaign else ()
    return {"merge_fields": [*FIELDS.items(), *links, *own]}
