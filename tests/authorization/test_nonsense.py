"""Whatever an address is told, it answers: what cannot be read is refused or left aside, and never breaks a page."""

import pytest
from django.test import Client

from tests.authorization.asking import Visitor
from tests.authorization.nonsense import tell
from tests.authorization.table import TABLE


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if not row.is_librarys])
def test_nonsense_is_answered(name: str, browser: Client, visitors: list[Visitor]) -> None:
    for method, letters in TABLE[name].methods.items():
        tell(browser, name, [method], visitors[max(letters.rfind("y"), 0)])  # one of those who get in
