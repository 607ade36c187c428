"""The settings: a member's own, the organization's, and who belongs to it."""

import re
from collections.abc import Callable
from datetime import time

from django.test import Client

from candidly.models import Delivery, Member, Notice, Organization, Role

type ClientOf = Callable[[Member], Client]


def test_a_member_changes_their_own_profile(client_of: ClientOf, ruth: Member) -> None:
    details = {
        "name": "Ruth A.",
        "time_zone": "Africa/Lagos",
        "signature": "Ruth",
        "press_enter_to_send": "on",
        "undo_seconds": "20",
        "alerts": "never",
    }
    assert client_of(ruth).post("/settings/", details).status_code == 302
    ruth = Member.objects.get(pk=ruth.pk)
    assert (ruth.name, ruth.time_zone, ruth.signature, ruth.press_enter_to_send, ruth.undo_seconds) == (
        "Ruth A.",
        "Africa/Lagos",
        "Ruth",
        True,
        20,
    )


def test_a_time_zone_that_does_not_exist_is_refused(client_of: ClientOf, ruth: Member) -> None:
    assert client_of(ruth).post("/settings/", {"name": "Ruth", "time_zone": "Mars/Olympus"}).status_code == 422


def test_only_a_super_admin_changes_the_organization(client_of: ClientOf, hannah: Member, sofia: Member) -> None:
    for path in ("/settings/organization/", "/settings/members/", f"/settings/members/{sofia.pk}/role/"):
        assert client_of(hannah).post(path, {"name": "Ours now", "role": "recruiter"}).status_code == 403
    details = {
        "name": "Northlane", "time_zone": "Europe/Dublin", "quiet_from": "20:30", "quiet_until": "07:00",
        "sms_number": "07700 900999", "reminders_on_scheduled": "on",
    }  # fmt: skip
    assert client_of(sofia).post("/settings/organization/", details).status_code == 302
    ours = Organization.objects.get(pk=sofia.organization_id)
    assert (ours.name, ours.slug, ours.time_zone) == ("Northlane", "northlane", "Europe/Dublin")
    assert (ours.quiet_from, ours.quiet_until, ours.sms_number) == (time(20, 30), time(7), "+447700900999")
    assert ours.reminders_on_scheduled


def test_an_odd_number_or_hour_is_refused_and_what_was_typed_stays(client_of: ClientOf, sofia: Member) -> None:
    details = {"name": "Northlane", "time_zone": "UTC", "quiet_from": "25:00", "quiet_until": "7", "sms_number": "x"}
    refused = client_of(sofia).post("/settings/organization/", details)
    assert refused.status_code == 422
    assert all(f"id_{name}_error" in refused.content.decode() for name in ("quiet_from", "quiet_until", "sms_number"))
    assert 'value="25:00"' in refused.content.decode()


def test_an_invited_member_chooses_a_password_by_the_link_and_is_in(
    client_of: ClientOf, client: Client, sofia: Member
) -> None:
    invitation = {"name": "Tom Ward", "email": "tom@northlane.example", "role": "hiring_manager"}
    assert client_of(sofia).post("/settings/members/", invitation).status_code == 302
    notice = Notice.objects.get(to_address="tom@northlane.example")
    assert Delivery.objects.get(notice=notice).state == "queued"
    (link,) = re.findall(r"http://[^/]+(/accounts/\S+)", notice.text)
    form = client.get(link, follow=True)
    new = {"password1": "a long new one", "password2": "a long new one"}
    client.post(form.request["PATH_INFO"], new)
    assert client.login(email="tom@northlane.example", password="a long new one")
    assert client.get("/candidates/").status_code == 200
    assert Member.objects.get(user__email="tom@northlane.example").role == Role.HIRING_MANAGER


def test_an_address_that_has_an_account_is_not_invited_again(client_of: ClientOf, sofia: Member, omar: Member) -> None:
    response = client_of(sofia).post(
        "/settings/members/", {"name": "Omar", "email": omar.email.upper(), "role": "recruiter"}
    )
    assert response.status_code == 422
    assert "exists already" in response.content.decode()


def test_the_last_super_admin_stays(client_of: ClientOf, sofia: Member) -> None:
    client = client_of(sofia)
    client.post(f"/settings/members/{sofia.pk}/role/", {"role": "recruiter"})
    response = client.post(f"/settings/members/{sofia.pk}/access/", {"active": "no"}, follow=True)
    assert "is the only super admin" in response.content.decode()
    sofia = Member.objects.get(pk=sofia.pk)
    assert sofia.role == Role.SUPER_ADMIN
    assert sofia.user.is_active


def test_a_deactivated_member_is_out_at_once_and_can_be_let_in_again(
    client_of: ClientOf, sofia: Member, hannah: Member
) -> None:
    hers = client_of(hannah)
    assert hers.get("/candidates/").status_code == 200
    client_of(sofia).post(f"/settings/members/{hannah.pk}/access/", {"active": "no"})
    assert hers.get("/candidates/").status_code == 302
    client_of(sofia).post(f"/settings/members/{hannah.pk}/access/", {"active": "yes"})
    assert hers.get("/candidates/").status_code == 200


def test_a_member_of_another_organization_is_not_there(client_of: ClientOf, sofia: Member, omar: Member) -> None:
    client = client_of(sofia)
    assert client.post(f"/settings/members/{omar.pk}/role/", {"role": "read_only"}).status_code == 404
    assert client.post(f"/settings/members/{omar.pk}/access/", {"active": "no"}).status_code == 404
    shown = client.get("/settings/members/").content.decode()
    assert sofia.email in shown
    assert omar.email not in shown
