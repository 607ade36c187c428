"""Members' secrets at rest: encrypted, and sealed anew when the key changes."""

from io import StringIO
from pathlib import Path

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import connection

from candidly.config import config, new_sealing_key
from candidly.models import Mailbox, Member, SealBroken, Sealed

pytestmark = pytest.mark.django_db
SECRET = "1//canary-refresh-token"


@pytest.fixture
def mailbox(hannah: Member) -> Mailbox:
    return Mailbox.objects.create(organization=hannah.organization, member=hannah, credentials=Sealed.of(SECRET))


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Those of the settings, which a test may change."""
    named = [new_sealing_key()]
    monkeypatch.setattr(config(), "encryption_keys", named)
    return named


def opened(mailbox: Mailbox) -> str:
    mailbox.refresh_from_db()
    return mailbox.credentials.open()


def at_rest() -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT credentials FROM {Mailbox._meta.db_table}")
        return str(cursor.fetchone()[0])


def test_the_database_holds_no_word_of_a_secret(mailbox: Mailbox) -> None:
    assert SECRET not in at_rest()
    assert at_rest() != ""
    assert opened(mailbox) == SECRET


def test_nothing_that_shows_a_mailbox_or_exports_it_says_its_secret(mailbox: Mailbox) -> None:
    shown = f"{mailbox!r} {mailbox} {vars(mailbox)} {serializers.serialize('json', [mailbox])}"
    assert SECRET not in shown


def test_a_secret_that_is_not_sealed_cannot_be_kept(mailbox: Mailbox) -> None:
    with pytest.raises(TypeError):
        Mailbox.objects.filter(pk=mailbox.pk).update(credentials=SECRET)


def test_with_a_key_in_front_everything_is_sealed_anew_and_the_old_key_may_go(keys: list[str], hannah: Member) -> None:
    mailbox = Mailbox.objects.create(organization=hannah.organization, member=hannah, credentials=Sealed.of(SECRET))
    before = at_rest()
    keys.insert(0, new_sealing_key())
    said = StringIO()
    call_command("rotate_keys", stdout=said)
    assert "newest key: 1." in said.getvalue()
    keys.pop()
    assert opened(mailbox) == SECRET
    assert at_rest() != before


def test_a_key_in_the_data_folder_gives_way_to_a_new_one(mailbox: Mailbox, data_dir: Path) -> None:
    path = data_dir / "encryption_keys"
    (before,) = path.read_text().split()
    call_command("rotate_keys", stdout=StringIO())
    (after,) = path.read_text().split()
    assert after != before
    assert path.stat().st_mode & 0o077 == 0
    assert opened(mailbox) == SECRET


def test_without_its_key_a_secret_is_no_secret_of_ours_and_rotating_leaves_it(keys: list[str], hannah: Member) -> None:
    mailbox = Mailbox.objects.create(organization=hannah.organization, member=hannah, credentials=Sealed.of(SECRET))
    lost = keys.pop()
    keys.append(new_sealing_key())
    with pytest.raises(SealBroken):
        opened(mailbox)
    call_command("rotate_keys", stdout=StringIO())
    keys.append(lost)
    assert opened(mailbox) == SECRET
