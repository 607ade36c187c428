"""The settings for external agencies, as those who keep them see them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidly.models import Agency, AgencyInvitation, AgencyUser, Delivery, Member, Notice, Person
from tests.conftest import work_for

pytestmark = pytest.mark.django_db

PAGE = "/settings/agencies/"


@pytest.fixture
def hannahs(client_of: Callable[[Member], Client], hannah: Member) -> Client:
    return client_of(hannah)


def shown(client: Client, address: str = PAGE) -> str:
    return client.get(address).content.decode()


def page_of(agency: Agency) -> str:
    return f"{PAGE}{agency.pk}/"


def test_recruiters_and_super_admins_find_it_in_the_settings(
    client_of: Callable[[Member], Client], hannah: Member, sofia: Member, marcus: Member, ruth: Member
) -> None:
    for member, finds_it in ((hannah, True), (sofia, True), (marcus, False), (ruth, False)):
        assert (PAGE in shown(client_of(member), "/settings/")) is finds_it


def test_without_agencies_the_page_says_what_to_do(hannahs: Client) -> None:
    assert "No agencies yet" in shown(hannahs)


def test_an_agency_is_added_and_its_page_asks_for_somebody(hannahs: Client) -> None:
    answer = hannahs.post(PAGE, {"name": "Meridian Locums"}, follow=True)
    assert "Meridian Locums" in shown(hannahs)
    assert "Nobody yet" in answer.content.decode()


def test_a_name_that_is_taken_is_refused_at_its_field_and_stays_typed(hannahs: Client, meridian: Agency) -> None:
    answer = hannahs.post(PAGE, {"name": "meridian locums"})
    assert answer.status_code == 422
    assert "There is an agency called meridian locums already." in answer.content.decode()
    assert 'value="meridian locums"' in answer.content.decode()


def test_an_invitation_is_mailed_stands_as_pending_and_is_withdrawn(hannahs: Client, meridian: Agency) -> None:
    answer = hannahs.post(
        f"{page_of(meridian)}invitations/", {"name": "Nora Quinn", "email": "nora@meridian.example"}, follow=True
    )
    assert "Invitation sent to nora@meridian.example" in answer.content.decode()
    mail = Notice.objects.get()
    assert mail.deliveries.get().state == Delivery.State.QUEUED
    assert "Hannah Whitlock invites you, for Meridian Locums," in mail.text
    assert "/agency/join/" in mail.text
    assert "Pending invitations" in shown(hannahs, page_of(meridian))
    invitation = AgencyInvitation.objects.get()
    hannahs.post(f"{PAGE}invitations/{invitation.pk}/withdraw/")
    assert "Pending invitations" not in shown(hannahs, page_of(meridian))


def test_an_invitation_that_ran_out_says_so(hannahs: Client, meridian: Agency) -> None:
    hannahs.post(f"{page_of(meridian)}invitations/", {"name": "Nora Quinn", "email": "nora@meridian.example"})
    AgencyInvitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "invite them again" in shown(hannahs, page_of(meridian))


def test_an_address_with_an_account_is_refused_at_its_field(hannahs: Client, priya: Member, meridian: Agency) -> None:
    answer = hannahs.post(f"{page_of(meridian)}invitations/", {"name": "Priya Nair", "email": priya.email})
    assert answer.status_code == 422
    assert 'id="invite_email_error"' in answer.content.decode()


def test_the_switch_lets_colleagues_see_each_others_candidates(hannahs: Client, meridian: Agency) -> None:
    for form, allowed in (({"allowed": "yes"}, True), ({}, False)):
        answer = hannahs.post(f"{page_of(meridian)}colleagues/", form, headers={"HX-Request": "true"})
        assert answer.status_code == 204
        meridian.refresh_from_db()
        assert meridian.colleagues_see_each_other is allowed


def test_a_deactivated_user_and_those_of_a_closed_agency_are_signed_out(
    client_of: Callable[..., Client], hannahs: Client, meridian: Agency, declan: AgencyUser, bridget: AgencyUser
) -> None:
    declans, bridgets = client_of(declan), client_of(bridget)
    hannahs.post(f"{PAGE}users/{declan.pk}/access/", {"active": "no"})
    assert declans.get("/accounts/password/change/").headers["Location"].startswith("/accounts/login/")
    hannahs.post(f"{page_of(meridian)}access/", {"active": "no"})
    assert "This agency has no access" in shown(hannahs, page_of(meridian))
    assert bridgets.get("/").status_code == 403
    hannahs.post(f"{page_of(meridian)}access/", {"active": "yes"})
    assert "This agency has no access" not in shown(hannahs, page_of(meridian))


def test_the_pages_cost_the_same_however_many_there_are(
    hannahs: Client, meridian: Agency, declan: AgencyUser, esra: Person
) -> None:
    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            shown(hannahs, address)
        return len(asked)

    before = [cost(address) for address in (PAGE, page_of(meridian))]
    for number in range(5):
        Agency.objects.create(organization=meridian.organization, name=f"Another {number}")
        work_for(meridian, f"User {number}", f"user{number}@meridian.example")
    assert [cost(address) for address in (PAGE, page_of(meridian))] == before
