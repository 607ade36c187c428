"""The sandbox's pages, and the answers that leave them by SMTP."""

import email
import socket
from collections.abc import Callable, Iterator, Sequence
from email import policy
from email.message import EmailMessage

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from candidly.channels.smtp.listener import Listener, ReceivedMail
from candidly.models import Member, SandboxMail, User
from candidly.sandbox.mailbox import PAGE
from candidly.sandbox.server import HOST, keep

pytestmark = pytest.mark.django_db

REPLY_TO = "r.abcdefghijklmnop@reply.candidly.localhost"
ORIGINAL_ID = "<" + "a1b2c3d4" * 9 + "@northlane.example>"
EARLIER_ID = "<" + "earlier0" * 9 + "@northlane.example>"


def letter(
    to: str = "Amara Okafor <amara@mail.example>", subject: str = "Your application", html: str = ""
) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP.clone(max_line_length=990))
    message["From"] = "Hannah Whitlock <hannah@northlane.example>"
    message["Reply-To"] = f"Hannah Whitlock <{REPLY_TO}>"
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = "Sun, 22 Nov 2026 10:04:00 +0000"
    message["Message-ID"] = ORIGINAL_ID
    message["References"] = EARLIER_ID
    message.set_content("Dear Amara,\n\nset a new password: https://candidly.example/reset/abc?x=1 <b>now</b>\n")
    if html:
        message.add_alternative(html, subtype="html")
    return message


def kept(message: EmailMessage, recipient: str = "amara@mail.example") -> SandboxMail:
    keep([ReceivedMail("hannah@northlane.example", (recipient,), message.as_bytes(), HOST)])
    return SandboxMail.objects.latest("pk")


@pytest.fixture
def received() -> list[ReceivedMail]:
    return []


@pytest.fixture
def inbound(received: list[ReceivedMail]) -> Iterator[Listener]:
    """The door that answers go to: it knows one reply address."""

    def shelve(mails: Sequence[ReceivedMail]) -> list[bool]:
        received.extend(mails)
        return [True for _ in mails]

    def accepts(addresses: Sequence[str]) -> list[bool]:
        return [address == REPLY_TO for address in addresses]

    door = Listener(HOST, 0, keep=shelve, accepts=accepts)
    door.start()
    before = settings.CONFIG.inbound_port
    settings.CONFIG.inbound_port = door.port
    yield door
    settings.CONFIG.inbound_port = before
    door.stop()


@pytest.fixture
def hannahs(client_of: Callable[[Member], Client], hannah: Member) -> Client:
    return client_of(hannah)


def read(mail: ReceivedMail) -> EmailMessage:
    message = email.message_from_bytes(mail.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_nobody_sees_the_sandbox_without_signing_in(client: Client) -> None:
    answer = client.get("/sandbox/")
    assert answer.status_code == 302
    assert "/login" in answer["Location"]


def test_an_account_without_an_organization_is_sent_home(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("nobody@else.example", "Nobody"))
    kept(letter())
    for path in ("/sandbox/", f"/sandbox/{SandboxMail.objects.get().pk}/source/"):
        assert client.get(path)["Location"] == "/"


def test_an_empty_sandbox_says_what_will_appear_there(hannahs: Client) -> None:
    page = hannahs.get("/sandbox/").content.decode()
    assert "No mail yet" in page
    assert "Nothing leaves this machine" in page
    assert "<code>bounce.</code>" in page


def test_the_list_shows_recipients_and_subjects_newest_first(hannahs: Client) -> None:
    kept(letter(subject="First"))
    kept(letter(subject="Second"), "kwame@mail.example")
    page = hannahs.get("/sandbox/").content.decode()
    assert page.index("Second") < page.index("First")
    assert "kwame@mail.example" in page


def test_the_list_is_narrowed_to_a_recipient_or_by_words(hannahs: Client) -> None:
    kept(letter(subject="To Amara"))
    kept(letter(subject="To Kwame"), "kwame@mail.example")
    assert "To Kwame" not in hannahs.get("/sandbox/?recipient=amara@mail.example").content.decode()
    found = hannahs.get("/sandbox/?q=KWAME mail").content.decode()
    assert "To Kwame" in found
    assert "To Amara" not in found
    assert "No mail found" in hannahs.get("/sandbox/?q=nothing%20like%20it").content.decode()


def test_the_list_pages_by_key(hannahs: Client) -> None:
    for number in range(PAGE + 3):
        kept(letter(subject=f"Number {number:03}"))
    first = hannahs.get("/sandbox/").content.decode()
    oldest = SandboxMail.objects.order_by("-pk")[PAGE - 1].pk
    assert f"before={oldest}" in first
    assert "Number 002" not in first
    rest = hannahs.get(f"/sandbox/?before={oldest}").content.decode()
    assert "Number 002" in rest
    assert "Older mails" not in rest


def test_an_open_list_hears_of_what_came_and_only_of_that(hannahs: Client) -> None:
    first = kept(letter(subject="First"))
    assert hannahs.get(f"/sandbox/newer/?after={first.pk}").status_code == 204
    second = kept(letter(subject="Second"))
    newer = hannahs.get(f"/sandbox/newer/?after={first.pk}")
    assert "Second" in newer.content.decode()
    assert "First" not in newer.content.decode()
    assert f"after={second.pk}" in newer.content.decode()
    assert hannahs.get(f"/sandbox/newer/?after={first.pk}&recipient=kwame@mail.example").status_code == 204


def test_a_list_that_was_empty_or_is_far_behind_is_shown_anew(hannahs: Client) -> None:
    first = kept(letter(subject="First"))
    assert hannahs.get("/sandbox/newer/?after=0")["HX-Retarget"] == "#mail-list"
    for _ in range(PAGE + 1):
        kept(letter())
    assert hannahs.get(f"/sandbox/newer/?after={first.pk}")["HX-Retarget"] == "#mail-list"


def test_a_mail_is_shown_with_its_sender_text_and_links(hannahs: Client) -> None:
    page = hannahs.get(f"/sandbox/{kept(letter()).pk}/").content.decode()
    assert "Hannah Whitlock" in page
    assert '<a href="https://candidly.example/reset/abc?x=1"' in page
    assert "&lt;b&gt;now&lt;/b&gt;" in page
    assert "Answer as <bdi>Amara</bdi>" in page
    assert REPLY_TO in page


def test_the_source_and_the_headers_are_shown_and_the_whole_can_be_saved(hannahs: Client) -> None:
    mail = kept(letter(subject="Grüße"))
    source = hannahs.get(f"/sandbox/{mail.pk}/?view=source").content.decode()
    assert "Content-Type: text/plain" in source
    headers = hannahs.get(f"/sandbox/{mail.pk}/?view=headers").content.decode()
    assert "<td>Grüße</td>" in headers
    saved = hannahs.get(f"/sandbox/{mail.pk}/source/")
    assert saved.content == bytes(mail.raw)
    assert saved["Content-Disposition"].startswith("attachment")


def test_formatted_mail_is_framed_so_that_nothing_runs_or_loads(hannahs: Client) -> None:
    mail = kept(letter(html="<p>Hello</p><script>alert(1)</script><img src='https://spy.example/p.gif'>"))
    page = hannahs.get(f"/sandbox/{mail.pk}/?view=html").content.decode()
    assert f'src="/sandbox/{mail.pk}/html/" sandbox=' in page
    frame = hannahs.get(f"/sandbox/{mail.pk}/html/")
    assert "<p>Hello</p>" in frame.content.decode()
    assert "alert(1)" not in frame.content.decode()
    assert ' src="https://spy.example' not in frame.content.decode()
    assert "default-src 'none'" in frame["Content-Security-Policy"]
    assert "img-src data:;" in frame["Content-Security-Policy"]


def test_pictures_that_came_with_the_mail_show_in_the_frame(hannahs: Client) -> None:
    message = letter(html='<img src="cid:logo">')
    html = message.get_payload(1)
    assert isinstance(html, EmailMessage)
    html.add_related(b"\x89PNG\r\n\x1a\n", "image", "png", cid="<logo>")
    frame = hannahs.get(f"/sandbox/{kept(message).pk}/html/").content.decode()
    assert 'src="data:image/png;base64,' in frame


def test_attachments_are_listed_and_come_as_downloads(hannahs: Client) -> None:
    message = letter()
    message.add_attachment(b"<script>1</script>", maintype="text", subtype="html", filename="réglement.html")
    mail = kept(message)
    assert "réglement.html" in hannahs.get(f"/sandbox/{mail.pk}/").content.decode()
    file = hannahs.get(f"/sandbox/{mail.pk}/files/0/")
    assert file.content.strip() == b"<script>1</script>"
    assert file["Content-Disposition"].startswith("attachment")
    assert file["X-Content-Type-Options"] == "nosniff"
    assert hannahs.get(f"/sandbox/{mail.pk}/files/1/").status_code == 404


def test_a_broken_mail_is_shown_as_well_as_can_be(hannahs: Client) -> None:
    keep(
        [ReceivedMail("", ("amara@mail.example",), b"From: \xff\x00\nContent-Type: multipart/mixed\n\n\x00\xff", HOST)]
    )
    mail = SandboxMail.objects.get()
    for view in ("text", "html", "source", "headers"):
        assert hannahs.get(f"/sandbox/{mail.pk}/?view={view}").status_code == 200
    assert hannahs.get(f"/sandbox/{mail.pk}/html/").status_code == 200


def test_the_form_begins_with_the_quoted_original(hannahs: Client) -> None:
    page = hannahs.get(f"/sandbox/{kept(letter()).pk}/").content.decode()
    assert (
        "On Sun, 22 Nov 2026 at 10:04, Hannah Whitlock &lt;hannah@northlane.example&gt; wrote:\n&gt; Dear Amara,"
        in page
    )
    assert 'value="Re: Your application"' in page


def test_an_answer_reaches_the_inbound_door_as_the_recipient_wrote_it(
    hannahs: Client, inbound: Listener, received: list[ReceivedMail]
) -> None:
    mail = kept(letter())
    file = SimpleUploadedFile("Lebenslauf – Amara.pdf", b"%PDF-1.7 \x00\xff", "application/pdf")
    data = {"subject": "Re: Your application", "text": "Ja, gerne! 你好\n\n> Dear Amara,", "file": file}
    page = hannahs.post(f"/sandbox/{mail.pk}/answer/", data).content.decode()

    assert "Sent. The inbound mail server took it." in page
    assert "250" in page
    answer = read(received[0])
    assert received[0].envelope_from == "amara@mail.example"
    assert received[0].recipients == (REPLY_TO,)
    assert answer["From"] == "Amara Okafor <amara@mail.example>"
    assert answer["In-Reply-To"] == ORIGINAL_ID
    assert answer["References"].split() == [EARLIER_ID, ORIGINAL_ID]
    assert ORIGINAL_ID.encode() in received[0].raw
    assert answer["Auto-Submitted"] is None
    body = answer.get_body()
    assert isinstance(body, EmailMessage)
    assert "Ja, gerne! 你好" in body.get_content()
    (attachment,) = answer.iter_attachments()
    assert attachment.get_filename() == "Lebenslauf – Amara.pdf"
    assert attachment.get_content() == b"%PDF-1.7 \x00\xff"


def test_an_out_of_office_reply_says_so_and_cannot_bounce(
    hannahs: Client, inbound: Listener, received: list[ReceivedMail]
) -> None:
    hannahs.post(f"/sandbox/{kept(letter()).pk}/answer/", {"text": "I am away.", "automatic": "on"})
    assert read(received[0])["Auto-Submitted"] == "auto-replied"
    assert received[0].envelope_from == ""


def test_an_answer_may_come_from_a_different_address(
    hannahs: Client, inbound: Listener, received: list[ReceivedMail]
) -> None:
    mail = kept(letter())
    hannahs.post(f"/sandbox/{mail.pk}/answer/", {"text": "From work.", "other_address": "amara@work.example"})
    assert received[0].envelope_from == "amara@work.example"
    assert read(received[0])["From"] == "Amara Okafor <amara@work.example>"


def test_an_answer_goes_to_the_sender_where_there_is_no_reply_to_and_a_refusal_is_told_in_words(
    hannahs: Client, inbound: Listener, received: list[ReceivedMail]
) -> None:
    message = letter()
    del message["Reply-To"]
    page = hannahs.post(f"/sandbox/{kept(message).pk}/answer/", {"text": "What I wrote"}).content.decode()
    assert "Refused for good." in page
    assert "550 5.1.1" in page
    assert "What I wrote" in page
    assert not received


def test_an_inbound_door_that_is_away_is_told_in_words(hannahs: Client, inbound: Listener) -> None:
    with socket.socket() as closed:
        closed.bind((HOST, 0))
        settings.CONFIG.inbound_port = closed.getsockname()[1]
        page = hannahs.post(f"/sandbox/{kept(letter()).pk}/answer/", {"text": "Hello"}).content.decode()
    assert "The inbound mail server does not answer at 127.0.0.1:" in page
    assert "candidly inbound" in page


def test_an_answer_that_cannot_be_sent_says_what_to_mend(hannahs: Client, inbound: Listener) -> None:
    mail = kept(letter())
    assert "An answer needs some text." in hannahs.post(f"/sandbox/{mail.pk}/answer/", {"text": ""}).content.decode()
    page = hannahs.post(f"/sandbox/{mail.pk}/answer/", {"text": "Hello", "other_address": "amara"}).content.decode()
    assert "This is not a whole address." in page


def test_a_mail_from_nobody_cannot_be_answered_and_says_why(hannahs: Client) -> None:
    keep([ReceivedMail("", ("amara@mail.example",), b"Subject: Hm\r\n\r\nHello\r\n", HOST)])
    page = hannahs.post(f"/sandbox/{SandboxMail.objects.get().pk}/answer/", {"text": "Hello"}).content.decode()
    assert "The mail names nobody to answer to" in page


def test_a_hostile_name_or_subject_adds_no_header(
    hannahs: Client, inbound: Listener, received: list[ReceivedMail]
) -> None:
    mail = kept(letter(to='"Amara \\"A\\" O, k" <amara@mail.example>'))
    hannahs.post(f"/sandbox/{mail.pk}/answer/", {"text": "Hello", "subject": "Re: x\r\nBcc: all@mail.example"})
    answer = read(received[0])
    assert answer["Bcc"] is None
    assert answer["From"].addresses[0].addr_spec == "amara@mail.example"


def test_the_sandbox_is_cleared_for_good(hannahs: Client) -> None:
    kept(letter())
    page = hannahs.post("/sandbox/clear/", follow=True).content.decode()
    assert "Sandbox cleared" in page
    assert not SandboxMail.objects.exists()
    assert hannahs.get("/sandbox/clear/").status_code == 405
