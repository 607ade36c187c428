"""Do what a text message wishes when all it says is STOP, START or HELP, and text back that it was done."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from candidly.actions import consent, notices
from candidly.envelope import Incoming, IncomingText
from candidly.mail.text_form import read_form
from candidly.models import ConsentEvent, Delivery, InboundMail, Notice, Organization, Person, clock
from candidly.rules.consent import is_suppressed
from candidly.rules.keywords import Keyword, Wish, answer_to, keyword_in

#: Between two answers of the same words to the same number: two automata must not keep each other busy.
REST = timedelta(hours=1)


def heed(mail: InboundMail, incoming: Incoming, person: Person | None) -> None:
    """Whoever wrote, and whether or not we know them. The caller holds the transaction."""
    text = read_form(bytes(mail.raw))
    has_stopped = is_suppressed(mail.organization_id, "sms", text.sender)
    keyword = _answered_for_us(text) or keyword_in(text.text, has_stopped=has_stopped)
    if not keyword or not text.sender:
        return
    is_news = WISHES[keyword.wish](mail.organization, text, person)
    if not text.answered:
        _answer(mail.organization, text.sender, keyword, person, is_news=is_news)


def _answered_for_us(text: IncomingText) -> Keyword | None:
    """The provider knows words of its own, and has seen to the answer."""
    return Keyword(Wish(text.answered), "") if text.answered in Wish else None


def _stop(organization: Organization, text: IncomingText, person: Person | None) -> bool:
    said = {"source": ConsentEvent.Source.TEXT, "said": text.text.strip()}
    return consent.opt_out(organization, "sms", text.sender, person=person, **said)


def _start(organization: Organization, text: IncomingText, person: Person | None) -> bool:
    said = {"source": ConsentEvent.Source.TEXT, "said": text.text.strip()}
    return consent.opt_in(organization, "sms", text.sender, person=person, **said)


def _help(organization: Organization, text: IncomingText, person: Person | None) -> bool:
    return False


#: Each returns whether that changed anything.
WISHES: Mapping[Wish, Callable[[Organization, IncomingText, Person | None], bool]] = {
    Wish.STOP: _stop,
    Wish.START: _start,
    Wish.HELP: _help,
}


def _answer(organization: Organization, number: str, keyword: Keyword, person: Person | None, *, is_news: bool) -> None:
    text = answer_to(keyword, organization.name, person.language if person else "")
    lately = Delivery.objects.filter(channel="sms", address=number, created_at__gt=clock.now() - REST)
    if is_news or not lately.filter(notice__text=text).exists():
        notices.enqueue(
            kind=Notice.Kind.KEYWORD,
            channel="sms",
            organization=organization,
            to_address=number,
            subject=f"Answer to {keyword.wish}",
            text=text,
        )
