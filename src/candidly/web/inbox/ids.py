"""Conversations as a request names them."""

from django.http import Http404

#: As many as a list shows at most.
MOST = 300


def ids_in(written: str) -> list[int]:
    """The ids in `written`, parted by commas. Http404 for what is none, and for more than MOST."""
    given = written.split(",")
    if len(given) > MOST or not all(one.isascii() and one.isdigit() and len(one) < 19 for one in given):
        raise Http404
    return [int(one) for one in given]
