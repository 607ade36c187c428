"""What an organization's plan allows. Without a plan there are no limits, and every feature exists."""

from candidly.models import Organization

FEATURES = {"gmail": "Sending from one's own mailbox", "campaigns": "Campaigns"}


def bulk_limit(organization: Organization) -> int | None:
    """The most recipients of one mailing; None: no limit."""
    return organization.plan.bulk_limit if organization.plan else None


def allows(organization: Organization, feature: str) -> bool:
    """Whether the organization has a feature, by its name in FEATURES."""
    return organization.plan is None or feature in organization.plan.features


def over_limit(limit: int, wanted: int) -> str:
    """Why a mailing to `wanted` people is not sent."""
    return (
        f"Your plan sends to at most {limit:,} people at once; {wanted:,} are selected. Nothing was sent. "
        "Select fewer, or ask your super admin to change the plan."
    )
