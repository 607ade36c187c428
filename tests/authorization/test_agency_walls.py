"""What is between members and agency users: every address of the site, by every method, for whom it is not."""

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import get_resolver

from tests.authorization.asking import AGENCY_USER, MEMBER, METHODS, STRANGER, Place, agencys, ask, become, patterns

#: Of every account.
ACCOUNT = ("home", "account_")


def walled() -> list[str]:
    """The addresses that somebody must sign in for, but for those of every account."""
    names = {
        pattern.name or ""
        for pattern in patterns(get_resolver())
        if getattr(pattern.callback, "login_required", True) and not (pattern.name or "").startswith(ACCOUNT)
    }
    return sorted(names)


@pytest.mark.django_db
@pytest.mark.parametrize("name", walled())
def test_what_is_a_members_is_not_an_agency_users_and_the_other_way_round(
    name: str, browser: Client, place: Place
) -> None:
    welcome = AGENCY_USER if name in agencys() else MEMBER
    for who, session in place.sessions.items():
        for method in METHODS if who != welcome else ():
            answer = ask(browser, session, name, method, place.world)
            assert _is_turned_away(answer, session), f"{who}: {method} {name}: {answer.status_code}"


def _is_turned_away(answer: HttpResponseBase, session: str) -> bool:
    """To where they belong, or to the sign-in; or told that there is no such thing."""
    if answer.status_code == 302:
        place = answer.headers["Location"]
        return place == "/" if session else place.startswith("/accounts/login/")
    return answer.status_code in (401, 403, 404, 405)


@pytest.mark.django_db
def test_home_leads_neither_to_the_others(browser: Client, place: Place) -> None:
    become(browser, place.sessions[STRANGER])
    assert browser.get("/").status_code == 403
