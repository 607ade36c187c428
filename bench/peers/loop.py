"""`python -m bench.peers.loop NUMBER`: EmailMultiAlternatives, one connection, a row per mail."""

import sys

import django
from django.core.mail import EmailMultiAlternatives, mailers
from django.core.management import call_command


def main(number: int) -> None:
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    from bench.peers.measuring import said

    with said():
        send(number)


def send(number: int) -> None:
    from bench.peers.mails import mails
    from bench.peers.plain.models import SentMail

    mailer = mailers.default
    mailer.open()
    for address, subject, text, html in mails(number):
        mail = EmailMultiAlternatives(subject, text, "hannah@northlane.example", [address])
        mail.attach_alternative(html, "text/html")
        mailer.send_messages([mail])
        SentMail(address=address, subject=subject, text=text, html=html).save()
    mailer.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
