"""Back up in one command, and restore in one, into an empty place."""

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from candidly.actions import attachments, conversations
from candidly.config import config
from candidly.management import archive, databases, migrations
from candidly.models import Attachment, Installation, Member, Person
from tests.support.environment import WORKER
from tests.support.postgresql import program

pytestmark = pytest.mark.django_db(transaction=True)

TELL = """
import json, django; django.setup()
from candidly.models import Attachment, Delivery, Installation, Message, PortalLink
from candidly.rules.portal_links import hash_of, token_of
print(json.dumps({
    "messages": list(Message.objects.values_list("text", flat=True)),
    "states": list(Delivery.objects.values_list("state", flat=True)),
    "files": [one.file.read().decode() for one in Attachment.objects.all()],
    "links open": [hash_of(token_of(link.seed)) == link.token_hash for link in PortalLink.objects.all()],
    "is held": Installation.objects.filter(held_before__isnull=False).exists(),
}))
"""


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False)


def told(environment: dict[str, str]) -> dict[str, object]:
    """What the database and the data folder of this environment hold."""
    ran = run(environment | {"DJANGO_SETTINGS_MODULE": "candidly.settings"}, "-c", TELL)
    assert not ran.returncode, ran.stderr
    held: dict[str, object] = json.loads(ran.stdout)
    return held


@pytest.fixture(autouse=True)
def database_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the server that the tests run against, where there is one."""
    if connection.vendor == "postgresql":
        monkeypatch.setenv("PATH", f"{Path(program('pg_dump')).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def elsewhere(environment: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of another machine on which there is nothing yet."""
    theirs = environment | {"CANDIDLY_DATA_DIR": str(tmp_path / "elsewhere"), "PATH": os.environ["PATH"]}
    if connection.vendor == "sqlite":
        yield theirs
        return
    name = f"candidly_{WORKER or 'test'}_restored"
    url = environment["CANDIDLY_DATABASE_URL"].replace(f"/{connection.settings_dict['NAME']}?", f"/{name}?")
    order(f"CREATE DATABASE {name}")
    yield theirs | {"CANDIDLY_DATABASE_URL": url}
    order(f"DROP DATABASE {name} WITH (FORCE)")


def order(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def offer(hannah: Member, amara: Person) -> str:
    """One message with a file, which waits to be sent."""
    file = attachments.keep(hannah, "offer.txt", "text/plain", BytesIO(b"32,000 a year"))
    conversations.start(hannah, amara, subject="Offer", text="Here it is.", attachments=[file])
    return "Here it is."


@pytest.fixture
def kept(tmp_path: Path, offer: str) -> Path:
    """A back-up of it."""
    path = tmp_path / "kept.tar"
    call_command("backup", path, stdout=StringIO())
    return path


@pytest.fixture
def manifest(kept: Path) -> archive.Manifest:
    with archive.reading(kept) as opened:
        return opened.manifest


def refusal(path: Path) -> str:
    with pytest.raises(CommandError) as caught:
        call_command("restore", path)
    return str(caught.value)


def says(manifest: archive.Manifest, **otherwise: object) -> str:
    return json.dumps(manifest.model_dump(mode="json") | otherwise)


def put_words(path: Path, words: str) -> None:
    """A back-up that holds nothing else than what it says of itself."""
    entry = tarfile.TarInfo(archive.MANIFEST)
    entry.size = len(words)
    with tarfile.open(path, "w") as tar:
        tar.addfile(entry, BytesIO(words.encode()))


def test_what_was_backed_up_is_there_again_on_another_machine_and_nothing_goes_twice(
    kept: Path, offer: str, environment: dict[str, str], elsewhere: dict[str, str]
) -> None:
    before = told(environment)
    assert before["messages"] == [offer]
    assert before["files"] == ["32,000 a year"]
    ran = run(elsewhere, "-m", "candidly", "restore", str(kept))
    assert not ran.returncode, ran.stderr
    assert told(elsewhere) == before | {"is held": True}
    assert "people: 1, attachments: 1." in ran.stdout
    assert "(messages: 1)" in ran.stdout
    assert "CANDIDLY_SECRET_KEY" not in ran.stdout
    assert "candidly release" in run(elsewhere, "-m", "candidly", "doctor").stdout

    again = run(elsewhere, "-m", "candidly", "restore", str(kept))
    assert again.returncode
    assert "There is a database already, and it stays as it is." in again.stderr


def test_where_the_settings_name_another_key_it_says_that_links_do_not_open(
    kept: Path, elsewhere: dict[str, str]
) -> None:
    ran = run(elsewhere | {"CANDIDLY_SECRET_KEY": "another"}, "-m", "candidly", "restore", str(kept))
    assert not ran.returncode, ran.stderr
    assert "made with another CANDIDLY_SECRET_KEY" in ran.stdout


def test_a_file_that_is_gone_is_named_when_it_is_missed(tmp_path: Path, offer: str, elsewhere: dict[str, str]) -> None:
    Path(Attachment.objects.get().file.path).unlink()
    call_command("backup", tmp_path / "kept.tar", stdout=StringIO())
    ran = run(elsewhere, "-m", "candidly", "restore", str(tmp_path / "kept.tar"))
    assert "Attachments that are not in the back-up: 1." in ran.stdout


def test_nobody_else_reads_it_and_nothing_is_left_beside_it(kept: Path) -> None:
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in kept.parent.iterdir() if path.is_file()] == [kept.name]
    with tarfile.open(kept) as tar:
        assert {name.partition("/")[0] for name in tar.getnames()} == {
            "database", "attachments", "secret_key", "manifest.json",
        }  # fmt: skip


def test_a_key_of_the_settings_is_not_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config(), "secret_key", "of the settings")
    call_command("backup", tmp_path / "kept.tar", stdout=StringIO())
    assert b"of the settings" not in (tmp_path / "kept.tar").read_bytes()


def test_into_a_folder_each_gets_a_name_of_its_own(tmp_path: Path) -> None:
    says = StringIO()
    call_command("backup", tmp_path, stdout=says)
    (made,) = tmp_path.glob("candidly-*.tar")
    assert str(made) in says.getvalue()


def test_a_file_that_is_there_is_not_overwritten(kept: Path) -> None:
    before = kept.read_bytes()
    with pytest.raises(CommandError, match="is there already, and stays as it is"):
        call_command("backup", kept)
    assert kept.read_bytes() == before


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere/kept\.tar cannot be written: No such file or directory"):
        call_command("backup", tmp_path / "nowhere/kept.tar")


def test_without_the_programs_of_postgresql_it_says_which_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(databases.DumpFailed, match=r"pg_dump is not installed here.*postgresql-client"):
        databases.PostgreSQL().dump(tmp_path / "dump")


@pytest.mark.parametrize("beginning", [b"SQLite format 3\0", b"PGDMP"])
def test_a_database_that_is_damaged_within_is_refused_in_words(
    tmp_path: Path, beginning: bytes, offer: str, environment: dict[str, str]
) -> None:
    (tmp_path / "dump").write_bytes(beginning + b"and then nothing" * 1_000)
    with pytest.raises(databases.DumpFailed, match=r"damaged|pg_restore: error"):
        databases.database().load(tmp_path / "dump")
    assert told(environment)["messages"] == [offer]


def test_where_there_is_a_database_it_stays_as_it_is(kept: Path, offer: str) -> None:
    assert "There is a database already" in refusal(kept)
    assert not Installation.objects.filter(held_before__isnull=False).exists()


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.9])
def test_what_was_cut_off_is_none(kept: Path, share: float) -> None:
    raw = kept.read_bytes()
    kept.write_bytes(raw[: int(len(raw) * share)])
    assert "no back-up of Candidly" in refusal(kept)


def test_another_file_is_none(tmp_path: Path, data_dir: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear all,\n" * 1_000)
    assert "no back-up of Candidly" in refusal(tmp_path / "letter.txt")
    assert "No such file" in refusal(tmp_path / "nothing.tar")


def test_what_says_nonsense_of_itself_is_none(kept: Path, manifest: archive.Manifest) -> None:
    put_words(kept, says(manifest, database=None))
    assert "cannot be read" in refusal(kept)


def test_it_goes_only_into_a_database_of_its_kind(kept: Path, manifest: archive.Manifest) -> None:
    put_words(kept, says(manifest, database="dBASE"))
    assert "The back-up is of dBASE" in refusal(kept)


@pytest.fixture
def no_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked next is asked of a place with an empty database."""
    monkeypatch.setattr(connection.introspection, "table_names", list)


def test_what_a_newer_version_made_waits_for_it(kept: Path, manifest: archive.Manifest, no_tables: None) -> None:
    put_words(kept, says(manifest, migrations=[*manifest.migrations, "candidly 9999_the_future"]))
    assert "a newer version, which knows candidly 9999_the_future" in refusal(kept)


def test_another_ones_data_folder_is_left_alone(kept: Path, manifest: archive.Manifest, no_tables: None) -> None:
    put_words(kept, says(manifest, key=archive.fingerprint("another")))
    assert "belongs to another Candidly" in refusal(kept)


def test_this_version_knows_what_it_has_run() -> None:
    assert set(migrations.applied_migrations()) <= migrations.known_migrations()
