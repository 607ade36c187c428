"""`candidly createadmin`: an organization and its first super admin."""

import os
import secrets
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from candidly.actions import organizations
from candidly.actions.errors import Refused

PASSWORD_VARIABLE = "CANDIDLY_ADMIN_PASSWORD"  # noqa: S105 - its name


class Command(BaseCommand):
    help = "Make an organization and its first super admin. Asks for what is not given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", help="the company's name")
        parser.add_argument("--name", help="the super admin's name")
        parser.add_argument("--email", help="the address that they sign in with")
        parser.add_argument(
            "--generate",
            action="store_true",
            help=f"make up a password and print it; otherwise it is asked for, or taken from {PASSWORD_VARIABLE}",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organization = options["organization"] or _ask("Organization: ")
        name = options["name"] or _ask("Your name: ")
        email = options["email"] or _ask("Your e-mail address: ")
        password = secrets.token_urlsafe(15) if options["generate"] else _given_password()
        try:
            member = organizations.found(organization, name, email, password)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{member.name} is super admin of {member.organization} and signs in as {member.email}.")
        if options["generate"]:
            self.stdout.write(f"Password: {password}")


def _ask(question: str) -> str:
    try:
        answer = input(question).strip()
    except EOFError:
        answer = ""
    if not answer:
        raise CommandError("Give --organization, --name and --email, or answer the questions.")
    return answer


def _given_password() -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    return given if given is not None else getpass("Password: ")
