"""Lists of people that go out."""

from candidly.actions import audit
from candidly.actions.errors import Refused
from candidly.models import Member
from candidly.rules import access
from candidly.rules.list_exports import Going

NOT_YOURS = "Lists of people are given out by recruiters and super admins: ask one of them."


def hand_out(member: Member, going: Going) -> Going:
    """Note who took what. Raises Refused."""
    if not access.may_keep_contacts(member):
        raise Refused(NOT_YOURS)
    audit.note(member, f"export.{going.kind}", total=going.total)
    return going
