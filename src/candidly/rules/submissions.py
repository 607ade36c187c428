"""The candidates that an agency user sees, searched by what they may know of them."""

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat, StrIndex, Substr

from candidly.models import AgencyUser, Application, Opening
from candidly.rules.agency_access import agency_threads_of, submitted_by, unread_for
from candidly.rules.search_text import fold, search_words


def submissions(agency_user: AgencyUser, query: str = "", *, with_news: bool = False) -> QuerySet[Application]:
    """Those whose candidate or opening has all words of `query` in its name; `with_news`, only those about whose
    candidate there is something that they have not read."""
    found = submitted_by(agency_user)
    if with_news:
        news = unread_for(agency_user.user, agency_threads_of(agency_user))
        found = found.filter(person__in=news.values("person"))
    words = search_words(query)
    return _named(found, words, _openings(found, words)) if words else found


def _named(found: QuerySet[Application], words: list[str], openings: dict[int, str]) -> QuerySet[Application]:
    """Of the text that the members' list searches only the first line, the name: agencies do not know the rest."""
    line = Concat(F("person__search__text"), Value("\n"))
    found = found.annotate(name=Substr(line, 1, StrIndex(line, Value("\n"))))
    for word in words:
        found = found.filter(
            Q(name__contains=word) | Q(opening__in=[pk for pk, name in openings.items() if word in name])
        )
    return found


def _openings(found: QuerySet[Application], words: list[str]) -> dict[int, str]:
    """The folded names of the openings for which there are any, by their ids."""
    openings = Opening.objects.filter(pk__in=found.order_by().values("opening"))
    return {opening.pk: fold(str(opening)) for opening in openings}
