"""The same mail delivered twice has one fingerprint; two mails never share one."""

from candidly.mail.fingerprint import fingerprint

MAIL = b"From: amara@example.org\r\nSubject: Hello\r\nReceived: kept, it is not at the top\r\n\r\nwords\r\n"


def test_a_relay_that_sends_again_changes_nothing() -> None:
    trace = (
        b"Return-Path: <amara@example.org>\r\nDelivered-To: r.x@reply.acme.test\r\n"
        b"X-Original-To: r.x@reply.acme.test\r\n"
        b"Received: from a (b\r\n\t[192.0.2.1]) by c;\r\n Mon, 5 May 2026\r\nreceived: again\r\n"
        b"Authentication-Results: c; spf=pass\r\nDKIM-Signature: v=1;\r\n  b=abc\r\n"
        b"ARC-Seal: i=1\r\nARC-Message-Signature: x\r\n"
    )
    assert fingerprint(trace + MAIL) == fingerprint(MAIL)
    assert len(fingerprint(MAIL)) == 64


def test_another_mail_has_another_fingerprint() -> None:
    different = [
        MAIL,
        MAIL.replace(b"words", b"other"),
        MAIL.replace(b"kept", b"changed"),
        b"X-Other: y\r\n" + MAIL,
        b"",
    ]
    assert len({fingerprint(raw) for raw in different}) == 5


def test_any_octets_have_a_fingerprint() -> None:
    for raw in (b"", b"\0", b"Received:", b"Received: x", b"Received: x\n", b"Received: x\n " * 1_000, b"\n" * 1_000):
        assert len(fingerprint(raw)) == 64
    assert fingerprint(b"Received: a\r\n" * 100_000 + MAIL) == fingerprint(MAIL)
