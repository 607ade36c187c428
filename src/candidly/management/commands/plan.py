"""`candidly plan`: what organizations may do. Without plans, and for who has none, there are no limits."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from candidly.actions import plans
from candidly.actions.errors import Refused
from candidly.models import Organization, Plan
from candidly.rules.plans import FEATURES


class Command(BaseCommand):
    help = "List the plans, define one, or give one to an organization."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="the plan's name; “none” takes a plan away (with --to)")
        parser.add_argument("--bulk-limit", type=int, help="the most recipients of one mailing; without it: no limit")
        parser.add_argument("--features", help=f"separated by commas: {', '.join(FEATURES)}. Without it: all")
        parser.add_argument("--to", metavar="SLUG", help="give the plan to this organization")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._act(options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _act(self, options: dict[str, Any]) -> None:
        if not options["name"]:
            self._list()
        elif options["to"]:
            self._give(options["name"], options["to"])
        else:
            features = FEATURES if options["features"] is None else filter(None, options["features"].split(","))
            plan = plans.define(options["name"], options["bulk_limit"], list(features))
            self.stdout.write(_described(plan))

    def _list(self) -> None:
        for plan in Plan.objects.order_by("name"):
            self.stdout.write(_described(plan))
        for organization in Organization.objects.select_related("plan").order_by("slug"):
            self.stdout.write(f"{organization.slug} has {organization.plan or 'no plan, and so no limits'}.")

    def _give(self, name: str, slug: str) -> None:
        organization = Organization.objects.filter(slug=slug).first()
        plan = Plan.objects.filter(name=name).first()
        if organization is None:
            raise CommandError(f"There is no organization “{slug}”. “candidly plan” lists them.")
        if plan is None and name != "none":
            raise CommandError(f"There is no plan “{name}”. Define it first: candidly plan “{name}” --bulk-limit 20")
        plans.assign(organization, plan)
        self.stdout.write(f"{organization.name} has {plan or 'no plan any more, and so no limits'}.")


def _described(plan: Plan) -> str:
    limit = f"at most {plan.bulk_limit:,} recipients at once" if plan.bulk_limit else "any number of recipients"
    return f"{plan.name}: {limit}; features: {', '.join(plan.features) or 'none'}."
