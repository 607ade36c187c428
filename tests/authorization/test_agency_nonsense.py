"""The same of the agencies' pages, as test_nonsense.py of everybody else's."""

import pytest
from django.test import Client

from tests.authorization.asking import AGENCY_USER, Place, agencys
from tests.authorization.nonsense import tell
from tests.authorization.table import TABLE


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(agencys()))
def test_an_agency_users_nonsense_is_answered(name: str, browser: Client, place: Place) -> None:
    tell(browser, name, TABLE[name].methods, (place.sessions[AGENCY_USER], place.world))
