"""The ground that the other tests stand on."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from candidly.models import Member, Person


def test_the_tests_keep_their_data_out_of_the_working_copy(data_dir: Path) -> None:
    assert "candidly-tests-" in str(data_dir)


def test_the_cast_is_of_two_organizations(amara: Person, leila: Person, hannah: Member, omar: Member) -> None:
    assert amara.organization == hannah.organization != leila.organization == omar.organization


def test_a_member_can_be_signed_in(client_of: Callable[[Member], Client], hannah: Member) -> None:
    assert "_auth_user_id" in client_of(hannah).session


@pytest.mark.django_db(transaction=True)
def test_a_real_process_sees_what_a_test_has_written(environment: dict[str, str], hannah: Member) -> None:
    program = "import django; django.setup(); from candidly.models import User; print(User.objects.get().email)"
    told = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | {"DJANGO_SETTINGS_MODULE": "candidly.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == hannah.email


def test_the_database_is_the_one_asked_for(request: pytest.FixtureRequest, db: None) -> None:
    assert connection.vendor == request.config.getoption("database")
