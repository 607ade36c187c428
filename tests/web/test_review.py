"""The review tray: mail that a member must place."""

from collections.abc import Callable

import pytest
from django.test import Client

from candidly.actions import conversations
from candidly.models import Conversation, InboundMail, Member, Organization, Person
from candidly.web.review.tray import FOUND, PAGE

pytestmark = pytest.mark.django_db

REASON = "It came from an address that is not Amara's."


@pytest.fixture
def amaras(hannah: Member, amara: Person) -> Conversation:
    return conversations.start(hannah, amara, subject="Interview", text="Shall we talk?").conversation


@pytest.fixture
def kwames(hannah: Member, kwame: Person) -> Conversation:
    return conversations.start(hannah, kwame, subject="Night shifts", text="Are you free?").conversation


def waiting(organization: Organization, number: int = 1, suggestion: Conversation | None = None) -> InboundMail:
    raw = (
        f"From: Amara at work <amara@work.example>\r\nTo: r.x@reply.example\r\nSubject: Question {number}\r\n"
        f"Message-ID: <q{number}@work.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n'
        '<p>When <b>shall</b> I come?</p><img src="https://spy.example/x.gif"><script>alert(1)</script>\r\n'
        '--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="cv.pdf"\r\n\r\n'
        "%PDF\r\n--b--\r\n"
    ).encode()
    return InboundMail.objects.create(
        organization=organization,
        external_id=f"mail-{organization.pk}-{number}",
        envelope_from="amara@work.example",
        envelope_to="r.x@reply.example",
        raw=raw,
        size=len(raw),
        state=InboundMail.State.REVIEW,
        problem=REASON,
        suggestion=suggestion,
        from_name="Amara at work",
        from_address="amara@work.example",
        subject=f"Question {number}",
        snippet="When shall I come?",
    )


@pytest.fixture
def mail(northlane: Organization, amaras: Conversation) -> InboundMail:
    return waiting(northlane, suggestion=amaras)


@pytest.fixture
def hannahs(client_of: Callable[[Member], Client], hannah: Member) -> Client:
    return client_of(hannah)


def test_recruiters_and_super_admins_see_the_tray(
    client_of: Callable[[Member], Client], mail: InboundMail, hannah: Member, sofia: Member
) -> None:
    for member in (hannah, sofia):
        assert "Question 1" in client_of(member).get("/review/").content.decode()


def test_hiring_managers_and_readers_find_no_tray(
    client_of: Callable[[Member], Client], mail: InboundMail, marcus: Member, ruth: Member
) -> None:
    for member in (marcus, ruth):
        for path in ("", f"{mail.pk}/", f"{mail.pk}/html/", f"{mail.pk}/attachments/0/", f"{mail.pk}/conversations/"):
            assert client_of(member).get(f"/review/{path}").status_code == 404
        assert client_of(member).post(f"/review/{mail.pk}/drop/").status_code == 404
    mail.refresh_from_db()
    assert mail.state == InboundMail.State.REVIEW


def test_another_organization_sees_and_changes_nothing_of_it(
    client_of: Callable[[Member], Client], mail: InboundMail, amaras: Conversation, omar: Member
) -> None:
    omars = client_of(omar)
    assert "Question 1" not in omars.get("/review/").content.decode()
    for path in ("", "html/", "attachments/0/", "conversations/"):
        assert omars.get(f"/review/{mail.pk}/{path}").status_code == 404
    assert omars.post(f"/review/{mail.pk}/file/", {"conversation": amaras.pk}).status_code == 404
    assert omars.post(f"/review/{mail.pk}/drop/").status_code == 404


def test_an_empty_tray_says_so(hannahs: Client) -> None:
    assert "Nothing to review" in hannahs.get("/review/").content.decode()


def test_the_list_says_who_wrote_what_and_why_it_waits(hannahs: Client, mail: InboundMail) -> None:
    page = hannahs.get("/review/").content.decode()
    for words in ("Amara at work", "Question 1", "When shall I come?", "It came from an address that is not Amara"):
        assert words in page


def test_the_list_pages_by_key(hannahs: Client, northlane: Organization) -> None:
    mails = [waiting(northlane, number) for number in range(PAGE + 2)]
    assert f"?before={mails[2].pk}" in hannahs.get("/review/").content.decode()
    rest = hannahs.get(f"/review/?before={mails[2].pk}").content.decode()
    assert "Question 1" in rest
    assert "Older mails" not in rest


def test_a_mail_is_shown_with_its_text_its_files_and_the_suggestion(hannahs: Client, mail: InboundMail) -> None:
    page = hannahs.get(f"/review/{mail.pk}/").content.decode()
    assert "When shall I come?" in page
    assert "cv.pdf" in page
    assert "File in this conversation" in page
    assert "Interview" in page
    file = hannahs.get(f"/review/{mail.pk}/attachments/0/")
    assert file.content.strip() == b"%PDF"
    assert file["Content-Disposition"].startswith("attachment")
    assert hannahs.get(f"/review/{mail.pk}/attachments/1/").status_code == 404


def test_its_formatted_part_is_framed_so_that_nothing_runs_or_loads(hannahs: Client, mail: InboundMail) -> None:
    assert f'src="/review/{mail.pk}/html/" sandbox=' in hannahs.get(f"/review/{mail.pk}/?view=html").content.decode()
    frame = hannahs.get(f"/review/{mail.pk}/html/")
    assert "<b>shall</b>" in frame.content.decode()
    assert "alert" not in frame.content.decode()
    assert ' src="https://spy' not in frame.content.decode()
    assert "default-src 'none'" in frame["Content-Security-Policy"]


def test_filing_puts_the_mail_into_the_suggested_conversation(
    hannahs: Client, mail: InboundMail, amaras: Conversation, hannah: Member
) -> None:
    page = hannahs.post(f"/review/{mail.pk}/file/", {"conversation": amaras.pk}, follow=True).content.decode()
    assert "Filed in the conversation with Amara Okafor" in page
    mail.refresh_from_db()
    assert mail.state == InboundMail.State.FILED
    assert mail.handled_by == hannah
    assert amaras.messages.get(direction="in").text.startswith("When shall I come?")


def test_the_search_finds_conversations_by_name_and_address(
    hannahs: Client, mail: InboundMail, kwames: Conversation
) -> None:
    found = hannahs.get(f"/review/{mail.pk}/conversations/", {"q": "KWAME men"}).content.decode()
    assert "Night shifts" in found
    assert "Interview" not in found
    assert "Night shifts" in hannahs.get(f"/review/{mail.pk}/conversations/?q=kwame@mail").content.decode()
    assert "No conversation with “nobody”" in hannahs.get(f"/review/{mail.pk}/conversations/?q=nobody").content.decode()
    hannahs.post(f"/review/{mail.pk}/file/", {"conversation": kwames.pk})
    assert kwames.messages.filter(direction="in").count() == 1


def test_the_search_shows_ten_at_most(hannahs: Client, mail: InboundMail, hannah: Member, amara: Person) -> None:
    for number in range(FOUND + 2):
        conversations.start(hannah, amara, subject=f"Talk {number}", text="Hello")
    found = hannahs.get(f"/review/{mail.pk}/conversations/?q=amara").content.decode()
    assert found.count("File here") == FOUND


def test_a_conversation_of_another_organization_takes_no_mail(
    hannahs: Client, mail: InboundMail, omar: Member, leila: Person
) -> None:
    leilas = conversations.start(omar, leila, subject="Hello", text="Hello").conversation
    for conversation in (leilas.pk, "", "abc", 99_999_999):
        page = hannahs.post(f"/review/{mail.pk}/file/", {"conversation": conversation}, follow=True).content.decode()
        assert "That conversation is no longer there." in page
    mail.refresh_from_db()
    assert mail.state == InboundMail.State.REVIEW


def test_dropping_takes_the_mail_out_of_the_tray(hannahs: Client, mail: InboundMail) -> None:
    page = hannahs.post(f"/review/{mail.pk}/drop/", follow=True).content.decode()
    assert "Mail dropped" in page
    assert "Question 1" not in page
    mail.refresh_from_db()
    assert mail.state == InboundMail.State.DROPPED


def test_whoever_comes_second_is_told_what_the_first_one_did(
    client_of: Callable[[Member], Client], hannahs: Client, mail: InboundMail, amaras: Conversation, priya: Member
) -> None:
    client_of(priya).post(f"/review/{mail.pk}/file/", {"conversation": amaras.pk})
    for answer in (
        hannahs.get(f"/review/{mail.pk}/"),
        hannahs.post(f"/review/{mail.pk}/file/", {"conversation": amaras.pk}, follow=True),
        hannahs.post(f"/review/{mail.pk}/drop/", follow=True),
    ):
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "Already handled" in page
        assert "Priya Nair filed this mail in the conversation with <bdi>Amara Okafor</bdi>" in page
    assert amaras.messages.filter(direction="in").count() == 1
