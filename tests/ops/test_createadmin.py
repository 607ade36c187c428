"""The first super admin, from the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from candidly.models import Member, Role, User

pytestmark = pytest.mark.django_db

SOFIA = {"organization": "Northlane Care", "name": "Sofia Lindqvist", "email": "sofia@northlane.example"}


def test_it_makes_an_organization_with_a_super_admin_who_can_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANDIDLY_ADMIN_PASSWORD", "violet harbour lantern")
    call_command("createadmin", **SOFIA, stdout=StringIO())
    sofia = Member.objects.get()
    assert (sofia.role, sofia.organization.name) == (Role.SUPER_ADMIN, "Northlane Care")
    assert sofia.user.check_password("violet harbour lantern")


def test_a_generated_password_is_printed_and_works() -> None:
    said = StringIO()
    call_command("createadmin", **SOFIA, generate=True, stdout=said)
    password = said.getvalue().split("Password: ")[1].strip()
    assert User.objects.get().check_password(password)


def test_an_easy_password_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANDIDLY_ADMIN_PASSWORD", "password")
    with pytest.raises(CommandError, match="too common"):
        call_command("createadmin", **SOFIA, stdout=StringIO())
    assert not User.objects.exists()
