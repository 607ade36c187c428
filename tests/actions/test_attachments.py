from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from candidly.actions import attachments, conversations
from candidly.actions.errors import Refused
from candidly.models import Attachment, Member, Person

pytestmark = pytest.mark.django_db

type CaptureOnCommit = Callable[..., AbstractContextManager[list[Callable[[], object]]]]


def keep(member: Member, name: str = "CV.pdf", content: bytes = b"%PDF") -> Attachment:
    return attachments.keep(member, name, "application/pdf", BytesIO(content))


def test_a_file_lies_outside_the_web_root_under_a_name_that_says_nothing(hannah: Member, data_dir: Path) -> None:
    kept = keep(hannah, "../../etc/Amara’s CV.pdf")
    assert kept.name == "Amara’s CV.pdf"
    path = Path(kept.file.path)
    assert path.parent == data_dir / "attachments" / str(hannah.organization_id)
    assert "Amara" not in path.name


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [("setup.EXE", b"MZ", "is a program"), ("CV.pdf", b"", "is empty"), ("CV.pdf", b"x" * 20_000_001, "20 MB")],
)
def test_programs_empty_files_and_too_large_ones_are_refused(
    hannah: Member, name: str, content: bytes, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        keep(hannah, name, content)
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("name", ["", ".", "..", "/", "\x00", "a" * 400 + ".pdf", "..\\..\\x"])
def test_any_name_becomes_one_that_can_be_shown(name: str) -> None:
    safe = attachments.safe_name(name)
    assert 0 < len(safe) <= 255
    assert "/" not in safe
    assert safe.isprintable()


def test_files_that_nobody_sent_are_forgotten_and_sent_ones_stay(
    hannah: Member, amara: Person, django_capture_on_commit_callbacks: CaptureOnCommit
) -> None:
    sent, forgotten = keep(hannah), keep(hannah)
    conversations.start(hannah, amara, subject="Rota", text="See the rota.", attachments=[sent])
    with django_capture_on_commit_callbacks(execute=True):
        attachments.discard_forgotten(older_than=timedelta(0))
    assert list(Attachment.objects.all()) == [sent]
    assert not Path(forgotten.file.path).exists()
    assert Path(sent.file.path).exists()
