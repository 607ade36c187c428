"""Whom a mailing would leave out, and why."""

from typing import Any

import pytest
from django.db.models import F

from candidly.actions import conversations, people
from candidly.models import Member, Opening, Organization, Person, Suppression
from candidly.rules.merge_fields import compile_text
from candidly.rules.preflight import USUALLY_OUT, Intent, concerned_by, preflight, recipients_of
from tests.support import own_fields

pytestmark = pytest.mark.django_db


def intent(member: Member, text: str = "Dear {{first_name}}", **more: Any) -> Intent:
    given: dict[str, Any] = {"audience": {"filter": {}}, "left_out": USUALLY_OUT, **more}
    return Intent(sender=member, texts=(compile_text(text),), **given)


def add(organization: Organization, **fields: Any) -> Person:
    return people.add_candidate(organization, **{"first_name": "Ana", "private_email": "ana@mail.example", **fields})


def concerned(intent: Intent) -> dict[str, int]:
    return {reason.name: number for reason, number in preflight(intent).obstacles}


def obstacles(intent: Intent) -> list[str]:
    return list(recipients_of(intent).order_by("pk").values_list(F("obstacle"), flat=True))


def test_who_has_nothing_in_the_way_gets_it(hannah: Member, amara: Person, kwame: Person) -> None:
    counted = preflight(intent(hannah))
    assert (counted.total, counted.reached, counted.obstacles) == (2, 2, [])
    assert obstacles(intent(hannah)) == ["", ""]


def test_no_address_leaves_no_choice(hannah: Member, amara: Person, northlane: Organization) -> None:
    add(northlane, private_email="")
    assert concerned(intent(hannah, left_out=())) == {"no_address": 1}
    assert preflight(intent(hannah, left_out=())).reached == 1


def test_the_suppression_list_leaves_no_choice(hannah: Member, amara: Person) -> None:
    Suppression.objects.create(
        organization=hannah.organization, channel="email", address="amara@mail.example", cause="bounced", reason="x"
    )
    assert obstacles(intent(hannah, left_out=())) == ["suppressed"]


def test_who_wants_no_campaigns_still_gets_what_is_about_their_application(hannah: Member, amara: Person) -> None:
    Suppression.objects.create(
        organization=hannah.organization, channel="email", address="amara@mail.example", cause="opted_out",
        purpose="campaign", reason="x",
    )  # fmt: skip
    assert obstacles(intent(hannah)) == [""]
    assert obstacles(intent(hannah, is_campaign=True)) == ["opted_out"]


def test_an_empty_field_leaves_the_choice(hannah: Member, amara: Person, northlane: Organization) -> None:
    add(northlane, first_name="", last_name="Silva")
    assert concerned(intent(hannah)) == {"empty": 1}
    assert preflight(intent(hannah)).reached == 1
    assert preflight(intent(hannah, left_out=())).reached == 2
    assert concerned(intent(hannah, "Dear {{first_name|you}}")) == {}


def test_of_two_with_one_address_the_first_gets_it(hannah: Member, amara: Person, northlane: Organization) -> None:
    add(northlane, private_email="AMARA@mail.example")
    assert obstacles(intent(hannah)) == ["", "same_address"]
    assert preflight(intent(hannah, left_out=("empty",))).reached == 2


def test_of_two_with_one_address_one_is_never_lost_to_the_other(hannah: Member, northlane: Organization) -> None:
    add(northlane, first_name="", last_name="Silva")
    add(northlane)
    assert obstacles(intent(hannah)) == ["empty", ""]


def test_of_two_with_one_phone_the_first_gets_it(hannah: Member, amara: Person, northlane: Organization) -> None:
    add(northlane, phone=amara.phone)
    add(northlane, private_email="other@mail.example", phone="")
    assert obstacles(intent(hannah)) == ["", "same_phone", ""]


def test_a_candidate_is_written_to_at_home_and_at_work_only_if_need_be(hannah: Member, northlane: Organization) -> None:
    add(northlane, private_email="", work_email="ana@work.example")
    (found,) = recipients_of(intent(hannah))
    assert found.used_address == "ana@work.example"  # type: ignore[attr-defined]
    assert concerned(intent(hannah)) == {"fallback": 1}
    assert preflight(intent(hannah, left_out=("fallback",))).reached == 0
    assert concerned(intent(hannah, falls_back=False)) == {"no_address": 1}
    assert concerned(intent(hannah, address_rule="work")) == {}


def test_who_was_written_to_lately_is_told(hannah: Member, amara: Person, kwame: Person) -> None:
    conversations.start(hannah, amara, subject="Hello", text="Hello")
    assert concerned(intent(hannah)) == {"recent": 1}
    assert list(concerned_by(intent(hannah), "recent")) == [amara]
    assert preflight(intent(hannah)).reached == 2
    assert preflight(intent(hannah, left_out=("recent",))).reached == 1


def test_it_counts_whatever_a_field_asks_for(hannah: Member, amara: Person, icu: Opening) -> None:
    own_fields.have(amara, shift="nights")
    assert concerned(intent(hannah, "{{opening_name}} {{custom.shift}}")) == {}
    assert concerned(intent(hannah, "{{custom.badge}}")) == {"empty": 1}


def test_two_queries_tell_of_any_number(
    hannah: Member, amara: Person, kwame: Person, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        preflight(intent(hannah))
