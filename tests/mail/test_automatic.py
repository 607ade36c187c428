"""Machines' mail as it really comes, from those who follow RFC 3834 and those who do not; and people's mail."""

from textwrap import dedent

import pytest

from candidly.mail.parse import parse

PERSON = "amara@mail.example"


def reason(mail: str, envelope_from: str | None) -> str:
    return parse(dedent(mail).lstrip().replace("\n", "\r\n").encode(), envelope_from=envelope_from).automatic


GMAIL = """
    Return-Path: <amara@gmail.example>
    MIME-Version: 1.0
    References: <m1@reply.acme.example>
    In-Reply-To: <m1@reply.acme.example>
    Auto-Submitted: auto-replied
    Precedence: bulk
    X-Autoreply: yes
    From: Amara Okafor <amara@gmail.example>
    Date: Mon, 2 Mar 2026 10:00:04 +0000
    Message-ID: <CAF1@mail.gmail.example>
    Subject: Away until Monday Re: Your application
    To: "Hannah Whitlock" <r.x@reply.acme.example>
    Content-Type: text/plain; charset="UTF-8"

    I am away until Monday.
    """
EXCHANGE = """
    From: Amara Okafor <amara@corp.example>
    To: Hannah Whitlock <r.x@reply.acme.example>
    Subject: Automatic reply: Your application
    Thread-Topic: Your application
    Thread-Index: AdxK0w==
    Date: Mon, 2 Mar 2026 10:00:04 +0000
    Message-ID: <AM0PR@AM0PR.eurprd05.prod.outlook.example>
    X-MS-Has-Attach:
    X-Auto-Response-Suppress: All
    X-MS-Exchange-Inbox-Rules-Loop: amara@corp.example
    X-MS-TNEF-Correlator:
    auto-submitted: auto-generated
    Content-Type: text/plain; charset="us-ascii"

    I am out of the office.
    """
OLD_EXCHANGE = """
    From: Jonas Weber <jonas@corp.example>
    To: r.x@reply.acme.example
    Subject: =?iso-8859-1?Q?Automatische_Antwort=3A_Ihre_Bewerbung?=
    X-MS-Has-Attach:
    X-Auto-Response-Suppress: All
    Content-Type: text/plain

    Ich bin nicht im Haus.
    """
OUTLOOK_RULE = """
    From: Jonas Weber <jonas@corp.example>
    Subject: Thank you for your mail
    X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent
    Content-Type: text/plain

    We answer within two days.
    """
ZIMBRA = """
    From: Chloé Martin <chloe@zimbra.example>
    Subject: =?UTF-8?Q?R=C3=A9ponse_automatique_=3A?= Your application
    Auto-Submitted: auto-replied (zimbra; vacation)
    Precedence: bulk
    X-Mailer: Zimbra 9.0.0
    Content-Type: text/plain; charset=utf-8

    Je suis absente.
    """
CPANEL = """
    From: kwame@shared-host.example
    Subject: Autoreply: Your application
    X-Autorespond: Your application
    X-Precedence: auto_reply
    Content-Type: text/plain

    Thank you, I will be in touch.
    """
DOMINO = """
    From: Anna Kowalska <anna@notes.example>
    Subject: AUTO: Anna Kowalska is out of the office (returning 12/03/2026)
    Auto-Submitted: auto-generated
    X-MIMETrack: Serialize by Router on mx01/NOTES
    Content-Type: text/plain

    I am out of the office until 12/03/2026.
    """
FIRSTCLASS = """
    From: Kwame Mensah <kwame@school.example>
    Subject: Re: Your application
    X-FC-MachineGenerated: true
    Content-Type: text/plain

    School is closed.
    """
DTC = """
    From: kwame@host.example
    Subject: Re: Your application
    X-AutoReply-From: kwame@host.example
    X-Mail-Autoreply: yes
    Content-Type: text/plain

    Away.
    """
QMAIL = """
    Delivered-To: Autoresponder
    From: kwame@host.example
    Subject: Away
    Content-Type: text/plain

    Away.
    """
MAILTRAQ = """
    X-POST-MessageClass: 9; Autoresponder
    From: kwame@host.example
    Subject: Away
    Content-Type: text/plain

    Away.
    """
FRESHDESK = """
    From: Support <support@acme.freshdesk.example>
    Subject: Ticket received - Your application
    X-Auto-Response-Suppress: DR, RN, OOF, AutoReply
    Auto-Submitted: auto-replied
    X-Autoreply: 1
    Content-Type: text/plain

    A request for support has been created, #4711.
    """
ZENDESK = """
    From: Help <support@acme.zendesk.example>
    Subject: [Request received] Your application
    X-Mailer: Zendesk Mailer
    X-Zendesk-From-Account-Id: 1234
    Auto-Submitted: auto-generated
    X-Auto-Response-Suppress: All
    Content-Type: text/plain

    Your request (77) has been received.
    """
MAILMAN = """
    From: Amara Okafor <amara@mail.example>
    To: nurses@lists.example
    Subject: [nurses] Your application
    Precedence: list
    List-Id: Nurses <nurses.lists.example>
    List-Unsubscribe: <mailto:nurses-leave@lists.example>
    Content-Type: text/plain

    Does anyone know this ward?
    """
NEWSLETTER = """
    From: Jobs <news@jobs.example>
    Subject: 12 new jobs for you
    List-Unsubscribe: <https://jobs.example/u/1>, <mailto:u@jobs.example>
    List-Unsubscribe-Post: List-Unsubscribe=One-Click
    Content-Type: text/plain

    Look!
    """
POSTFIX_BOUNCE = """
    From: MAILER-DAEMON@mx.example (Mail Delivery System)
    Subject: Undelivered Mail Returned to Sender
    Auto-Submitted: auto-replied
    Content-Type: multipart/report; report-type=delivery-status; boundary="b"

    --b
    Content-Type: text/plain

    I could not deliver it.
    --b
    Content-Type: message/delivery-status

    Action: failed
    --b--
    """
QMAIL_BOUNCE = """
    From: MAILER-DAEMON@qmail.example
    Subject: failure notice
    Content-Type: text/plain

    Hi. This is the qmail-send program at qmail.example.
    """
EXIM_BOUNCE = """
    From: Mail Delivery System <Mailer-Daemon@exim.example>
    X-Failed-Recipients: amara@mail.example
    Subject: Mail delivery failed: returning message to sender
    Content-Type: text/plain

    This message was created automatically by mail delivery software.
    """
READ_RECEIPT = """
    From: Amara Okafor <amara@mail.example>
    Subject: Read: Your application
    Content-Type: multipart/report; report-type=disposition-notification; boundary="b"

    --b
    Content-Type: text/plain

    Your message was displayed.
    --b--
    """
COMPLAINT = """
    From: staff@isp.example
    Subject: Abuse report
    Content-Type: multipart/report; report-type=feedback-report; boundary="b"

    --b
    Content-Type: message/feedback-report

    Feedback-Type: abuse
    --b--
    """
ROUND_AND_ROUND = """
    Delivered-To: r.x@reply.acme.example
    Delivered-To: amara@forwarder.example
    Delivered-To: r.x@reply.acme.example
    From: Hannah <hannah@acme.example>
    Subject: Your application
    Content-Type: text/plain

    Hello
    """


@pytest.mark.parametrize(
    ("mail", "envelope_from", "expected"),
    [
        (GMAIL, "amara@gmail.example", "Auto-Submitted: auto-replied"),
        (EXCHANGE, "", "null return path"),
        (EXCHANGE, "amara@corp.example", "Auto-Submitted: auto-generated"),
        (OLD_EXCHANGE, "jonas@corp.example", "out-of-office subject with X-Auto-Response-Suppress"),
        (OUTLOOK_RULE, "jonas@corp.example", "X-MS-Exchange-Generated-Message-Source"),
        (ZIMBRA, "chloe@zimbra.example", "Auto-Submitted: auto-replied"),
        (CPANEL, "kwame@shared-host.example", "X-Autorespond"),
        (DOMINO, "anna@notes.example", "Auto-Submitted: auto-generated"),
        (FIRSTCLASS, "kwame@school.example", "X-FC-MachineGenerated"),
        (DTC, "kwame@host.example", "X-AutoReply-From"),
        (QMAIL, "kwame@host.example", "Delivered-To: Autoresponder"),
        (MAILTRAQ, "kwame@host.example", "X-POST-MessageClass"),
        (FRESHDESK, "support@acme.freshdesk.example", "Auto-Submitted: auto-replied"),
        (ZENDESK, "support@acme.zendesk.example", "Auto-Submitted: auto-generated"),
        (MAILMAN, "nurses-bounces@lists.example", "return path of a mailing list"),
        (MAILMAN, None, "Precedence: list"),
        (NEWSLETTER, "bounce-77@jobs.example", "List-Unsubscribe"),
        (POSTFIX_BOUNCE, "", "delivery status notification"),
        (QMAIL_BOUNCE, "", "null return path"),
        (QMAIL_BOUNCE, "MAILER-DAEMON@qmail.example", "sent by a mail system"),
        (EXIM_BOUNCE, None, "X-Failed-Recipients"),
        (READ_RECEIPT, PERSON, "read receipt"),
        (COMPLAINT, "staff@isp.example", "feedback report"),
        (ROUND_AND_ROUND, PERSON, "mail loop"),
    ],
)
def test_what_machines_write_is_named(mail: str, envelope_from: str | None, expected: str) -> None:
    assert reason(mail, envelope_from) == expected


OUTLOOK_PERSON = """
    From: Jonas Weber <jonas@corp.example>
    Subject: RE: Automatic reply: Your application
    X-MS-Has-Attach:
    X-MS-TNEF-Correlator:
    X-Auto-Response-Suppress: DR, OOF, AutoReply
    Thread-Index: AdxK0w==
    Content-Type: text/plain

    I am back now. Tuesday is fine.
    """
ABOUT_ABSENCE = """
    From: Amara Okafor <amara@mail.example>
    Subject: Out of office: which form do I fill in?
    Content-Type: text/plain

    Which one do I need for my leave?
    """
SAYS_NO = """
    From: Amara Okafor <amara@mail.example>
    Subject: Re: Your application
    Auto-Submitted: no
    X-Autoreply: no
    X-Auto-Response: None
    Precedence: first-class
    Content-Type: text/plain

    Yes, please.
    """
FORWARDED_TO_ANOTHER_MAILBOX = """
    Delivered-To: amara@new.example
    Delivered-To: amara@old.example
    X-Forwarded-To: amara@new.example
    From: Amara Okafor <amara@mail.example>
    Subject: Re: Your application
    Content-Type: text/plain

    I have a new address.
    """
PASSES_A_BOUNCE_ON = """
    From: Amara Okafor <amara@mail.example>
    Subject: Fwd: Undelivered Mail Returned to Sender
    Content-Type: multipart/mixed; boundary="b"

    --b
    Content-Type: text/plain

    My mail came back. What should I do?
    --b
    Content-Type: message/delivery-status

    Action: failed
    --b--
    """
IPHONE = """
    From: Amara Okafor <amara@mail.example>
    Mime-Version: 1.0 (1.0)
    X-Mailer: iPhone Mail (21F90)
    Subject: Re: Your application
    Content-Type: text/plain

    Great!
    """


@pytest.mark.parametrize("mail", [OUTLOOK_PERSON, ABOUT_ABSENCE, SAYS_NO, PASSES_A_BOUNCE_ON, IPHONE])
def test_what_people_write_is_theirs(mail: str) -> None:
    assert reason(mail, PERSON) == ""


def test_mail_that_was_forwarded_from_one_mailbox_to_the_next_is_no_loop() -> None:
    assert reason(FORWARDED_TO_ANOTHER_MAILBOX, PERSON) == ""


@pytest.mark.parametrize("envelope_from", ["owen@mail.example", "postman@mail.example", "anna-lena@mail.example", None])
def test_a_return_path_that_only_looks_like_a_systems_is_a_persons(envelope_from: str | None) -> None:
    assert reason(IPHONE, envelope_from) == ""
