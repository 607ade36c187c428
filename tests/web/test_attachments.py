"""Files: taken in with a limit, given out only to those who may see them, and never run."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from candidly.config import config
from candidly.models import Attachment, Member, Person
from tests.web.letters import PNG, write_to

SignIn = Callable[[Member], Client]


def upload(client: Client, name: str = "plan.pdf", content: bytes = b"%PDF-1.7") -> dict[str, object]:
    answer = client.post("/attachments/", {"file": SimpleUploadedFile(name, content)})
    return {"status": answer.status_code, **answer.json()}


def test_a_file_is_taken_in_and_goes_with_the_message(client_of: SignIn, hannah: Member, amara: Person) -> None:
    client = client_of(hannah)
    kept = upload(client)
    assert (kept["status"], kept["name"], kept["size"]) == (201, "plan.pdf", 8)
    conversation = write_to(amara, hannah).conversation
    url = f"/conversations/{conversation.pk}/messages/"
    client.post(url, {"text": "See the plan", "attachments": [kept["id"]], "send_key": "k1", "channels": ["email"]})
    sent = conversation.messages.latest("pk")
    assert [file.name for file in sent.attachments.all()] == ["plan.pdf"]
    # The answer got lost on the way, and Send was pressed again.
    again = client.post(
        url, {"text": "See the plan", "attachments": [kept["id"]], "send_key": "k1", "channels": ["email"]}
    )
    assert again.status_code == 302
    assert conversation.messages.count() == 2


def test_somebody_elses_file_cannot_be_sent(client_of: SignIn, hannah: Member, priya: Member, amara: Person) -> None:
    theirs = upload(client_of(priya))
    conversation = write_to(amara, hannah).conversation
    refused = client_of(hannah).post(
        f"/conversations/{conversation.pk}/messages/", {"text": "Mine?", "attachments": [theirs["id"]]}
    )
    assert refused.status_code == 422
    assert "no longer there" in refused.content.decode()
    assert conversation.messages.count() == 1


def test_what_is_too_large_or_a_program_is_refused_in_words(
    client_of: SignIn, hannah: Member, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(hannah)
    monkeypatch.setattr(config(), "attachment_max_bytes", 1_000_000)
    large = upload(client, "film.mp4", b"x" * 1_000_001)
    assert large["status"] == 413
    assert large["error"] == "film.mp4 is larger than 1 MB. Make it smaller, or send a link to it."
    program = upload(client, "setup.exe")
    assert program["status"] == 422
    assert "is a program" in str(program["error"])
    assert client.post("/attachments/").json() == {"error": "No file came. Choose it again."}
    assert not Attachment.objects.exists()


def test_a_read_only_member_attaches_nothing(client_of: SignIn, ruth: Member) -> None:
    assert upload(client_of(ruth))["status"] == 403


def test_files_come_as_downloads_that_the_browser_does_not_guess_at(client_of: SignIn, hannah: Member) -> None:
    client = client_of(hannah)
    kept = upload(client, "Zoë’s résumé.html", b"<script>alert(1)</script>")
    given = client.get(f"/attachments/{kept['id']}/")
    assert b"".join(given.streaming_content) == b"<script>alert(1)</script>"  # type: ignore[attr-defined]
    assert given.headers["Content-Type"] == "application/octet-stream"
    assert given.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Zo%C3%AB")
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in given.headers["Content-Security-Policy"]
    assert "default-src 'none'" in given.headers["Content-Security-Policy"]


def test_a_picture_shows_in_the_page_only_when_its_bytes_are_one(client_of: SignIn, hannah: Member) -> None:
    client = client_of(hannah)
    real, false = upload(client, "badge.png", PNG), upload(client, "badge.png", b"<svg onload=alert(1)>")
    shown, kept_out = (client.get(f"/attachments/{kept['id']}/") for kept in (real, false))
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert kept_out.headers["Content-Type"] == "application/octet-stream"
    assert kept_out.headers["Content-Disposition"].startswith("attachment")
    for given in (shown, kept_out):
        b"".join(given.streaming_content)  # type: ignore[attr-defined]


def test_only_those_who_see_the_message_get_its_files(
    client_of: SignIn, hannah: Member, priya: Member, marcus: Member, omar: Member, kwame: Person
) -> None:
    client = client_of(hannah)
    kept = upload(client)
    url = f"/attachments/{kept['id']}/"
    assert client_of(priya).get(url).status_code == 404  # not sent yet: nobody else's business
    file = Attachment.objects.get(pk=int(str(kept["id"])))
    write_to(kwame, hannah, application=kwame.applications.get(), attachments=[file])
    for member, status in ((hannah, 200), (priya, 200), (marcus, 404), (omar, 404)):
        answer = client_of(member).get(url)
        assert answer.status_code == status
        b"".join(answer)  # closes the file
