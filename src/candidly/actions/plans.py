"""Say what a plan allows, and which organization has it: the work of whoever runs the server."""

from collections.abc import Collection

from django.db import transaction

from candidly.actions.audit import note
from candidly.actions.errors import Refused
from candidly.models import Organization, Plan
from candidly.rules.plans import FEATURES


def define(name: str, bulk_limit: int | None, features: Collection[str]) -> Plan:
    """A plan of that name, new or changed: it holds for everybody who has it from now on.

    `bulk_limit` is the most recipients of one mailing, None for no limit; `features` are keys of FEATURES. Raises
    Refused.
    """
    if unknown := sorted(set(features) - FEATURES.keys()):
        raise Refused(
            f"There is no feature “{unknown[0]}”. There are: {', '.join(sorted(FEATURES))}.", field="features"
        )
    if bulk_limit is not None and bulk_limit < 1:
        raise Refused("The limit must be 1 or more. Leave it out for none.", field="bulk_limit")
    allowed = {"bulk_limit": bulk_limit, "features": sorted(set(features))}
    plan, _ = Plan.objects.update_or_create(name=name, defaults=allowed)
    return plan


@transaction.atomic
def assign(organization: Organization, plan: Plan | None) -> None:
    """None: everything, without limits."""
    Organization.objects.filter(pk=organization.pk).update(plan=plan)
    note(None, "organization.plan", organization=organization, name=plan.name if plan else "no plan")
