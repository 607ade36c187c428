"""`python -m bench.peers.office NUMBER`: django-post_office, queued in one go, sent by two processes."""

import sys

import django
from django.core.management import call_command


def main(number: int) -> None:
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    from bench.peers.measuring import said

    with said():
        send(number)


def send(number: int) -> None:
    from post_office.mail import send_many, send_queued_mail_until_done

    from bench.peers.mails import mails

    send_many(
        [
            {
                "recipients": [address],
                "sender": "hannah@northlane.example",
                "subject": subject,
                "message": text,
                "html_message": html,
            }
            for address, subject, text, html in mails(number)
        ]
    )
    send_queued_mail_until_done(processes=2, log_level=1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
