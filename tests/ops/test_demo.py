"""Where the demo story is not told."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from candidly.config import config
from candidly.models import Organization, Person

pytestmark = pytest.mark.django_db


def test_it_is_not_told_twice_nor_mixed_with_other_data(northlane: Organization) -> None:
    with pytest.raises(CommandError, match="does not mix"):
        call_command("demo")
    call_command("demo", "--if-empty")
    assert not Person.objects.exists()


def test_it_is_not_loaded_where_mail_goes_out_for_real(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config(), "relay_host", "mail.example")
    with pytest.raises(CommandError, match="known to everybody"):
        call_command("demo", stdout=StringIO())
