"""Conversations as a request names them."""

from django.http import Http404

from candidly.rules.numbers import numbers_in
from candidly.web.writing.paging import MOST


def ids_in(written: str) -> list[int]:
    """The ids in `written`, parted by commas. Http404 for what is none, and for more than MOST."""
    given = written.split(",")
    ids = numbers_in(given)
    if len(given) > MOST or len(ids) < len(given):
        raise Http404
    return ids
