"""The audit log, as super admins read it."""

import csv
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidly.actions import audit, campaigns, consent, conversations, mailings, organizations, templates
from candidly.models import AuditEvent, Member, Organization, Person, Role, Template
from candidly.web.audit.views import LISTED

pytestmark = pytest.mark.django_db

PAGE = "/settings/audit/"


@pytest.fixture
def sofias(client_of: Callable[[Member], Client], sofia: Member) -> Client:
    return client_of(sofia)


def shown(client: Client, query: str = "") -> str:
    return unescape(client.get(f"{PAGE}{query}").content.decode())


def test_an_empty_log_says_what_will_come(sofias: Client) -> None:
    assert "Nothing yet" in shown(sofias)


def test_what_is_generated_in_a_campaign_stands_under_its_name(sofias: Client, hannah: Member, amara: Person) -> None:
    visits = campaigns.create(hannah, name="Spring ward visits")
    campaigns.add(hannah, visits, {"ids": [amara.pk]}, "candidate")
    order = mailings.Order(subject="Come", body="Dear you", audience={"campaign": visits.pk}, campaign=visits)
    mailings.send(hannah, order)
    assert "generated 1 e-mail in the campaign “Spring ward visits”." in shown(sofias, "?group=campaign")


def test_what_is_done_to_a_mailing_stands_there_with_who_did_it(
    client_of: Callable[[Member], Client], sofias: Client, hannah: Member, priya: Member, amara: Person
) -> None:
    order = mailings.Order(subject="Ward visit", body="A secret body", audience={"ids": [amara.pk]})
    mailing = mailings.send(hannah, order)
    client_of(priya).post(f"/mailings/{mailing.pk}/pause/")
    client_of(priya).delete(f"/mailings/{mailing.pk}/pause/")
    mailings.set_pace(mailing, 60, priya)
    mailings.set_pace(mailing, 0, priya)
    client_of(priya).post(f"/mailings/{mailing.pk}/cancel/")
    assert not mailings.pause(mailing, priya)
    page = shown(sofias)
    for name, what in (
        ("Hannah Whitlock", "sent the mailing “Ward visit” to 1 person."),
        ("Priya Nair", "paused the mailing “Ward visit”."),
        ("Priya Nair", "resumed the mailing “Ward visit”."),
        ("Priya Nair", "set the mailing “Ward visit” to 60 mails a minute."),
        ("Priya Nair", "took the limit of mails a minute off the mailing “Ward visit”."),
        ("Priya Nair", "cancelled the mailing “Ward visit”."),
    ):
        assert f"<bdi>{name}</bdi></b> <bdi>{what}</bdi>" in page
    assert "A secret body" not in page
    assert AuditEvent.objects.count() == 6


def test_templates_settings_roles_and_the_suppression_list_are_in_it(
    client_of: Callable[[Member], Client], sofias: Client, sofia: Member, hannah: Member
) -> None:
    template = templates.save(hannah, None, templates.Content(name="Invitation", body="Dear you"))
    templates.save(hannah, template, templates.Content(name="Invitation", body="Dear all"))
    templates.delete(hannah, template)
    templates.bring_back(hannah, Template.objects.get())
    consent.release(hannah, consent.suppress_by_hand(hannah, "email", "amara@mail.example", "Asked."))
    sofias.post(f"/settings/members/{hannah.pk}/role/", {"role": "read_only"})
    sofias.post(f"/settings/members/{hannah.pk}/access/", {"active": "no"})
    sofias.post(f"/settings/members/{hannah.pk}/access/", {"active": "yes"})
    organizations.change(sofia.organization, sofia, name="Northlane", sms_number="")
    page = shown(sofias)
    for what in (
        "wrote the template “Invitation”.",
        "changed the template “Invitation”.",
        "deleted the template “Invitation”.",
        "brought the template “Invitation” back.",
        "put amara@mail.example on the suppression list.",
        "took amara@mail.example off the suppression list.",
        "made Hannah Whitlock read-only; before: recruiter.",
        "ended the access of Hannah Whitlock.",
        "gave Hannah Whitlock access again.",
        "changed the organization’s settings: name.",
    ):
        assert f"<bdi>{what}</bdi>" in page


def test_a_portal_link_that_is_withdrawn_stands_there_once(
    client_of: Callable[[Member], Client], sofias: Client, hannah: Member, amara: Person
) -> None:
    conversation = conversations.start(hannah, amara, subject="Hi", text="Hello").conversation
    for _ in range(2):  # the second time there is none
        client_of(hannah).post(f"/conversations/{conversation.pk}/portal-link/")
    assert "<bdi>withdrew the portal link of Amara Okafor.</bdi>" in shown(sofias, "?group=person")
    assert AuditEvent.objects.get().subject == f"conversation {conversation.pk}"


def test_it_is_narrowed_by_member_by_what_it_is_about_and_by_day(
    sofias: Client, sofia: Member, hannah: Member, northlane: Organization
) -> None:
    audit.note(hannah, "template.saved", name="Hers")
    audit.note(sofia, "template.saved", name="Sofias")
    audit.note(sofia, "member.invited", name="Ben", role="recruiter")
    old = AuditEvent.objects.create(
        organization=northlane, verb="template.deleted", details={"name": "Old"}, at=timezone.now() - timedelta(days=40)
    )
    day = timezone.localtime(old.at, ZoneInfo(sofia.time_zone)).date()

    def said(query: str) -> set[str]:
        page = shown(sofias, query)
        return {name for name in ("Hers", "Sofias", "Ben", "Old") if f"“{name}”" in page or f"invited {name}" in page}

    assert said("") == {"Hers", "Sofias", "Ben", "Old"}
    assert said(f"?member={hannah.pk}") == {"Hers"}
    assert said(f"?member={sofia.pk}&group=template") == {"Sofias"}
    assert said(f"?until={day}") == {"Old"}
    assert said(f"?since={day + timedelta(days=2)}") == {"Hers", "Sofias", "Ben"}
    assert said("?member=x&group=nothing&since=never&until=0001-01-01") == {"Hers", "Sofias", "Ben", "Old"}
    assert "Nobody did anything like that" in shown(sofias, "?group=export")


def test_a_line_of_an_older_version_does_not_break_the_page(sofias: Client, northlane: Organization) -> None:
    audit.note(None, "mailing.paused", organization=northlane)
    audit.note(None, "pigeon.sent_off", "pigeon 7", organization=northlane, name="{name.__class__}")
    page = shown(sofias)
    assert "<bdi>Candidly</bdi></b> <bdi>paused the mailing “…”.</bdi>" in page
    assert "pigeon sent off pigeon 7." in page


def test_who_is_gone_leaves_their_name(sofias: Client, hannah: Member) -> None:
    audit.note(hannah, "template.saved", name="Invitation")
    hannah.delete()
    assert "<bdi>Hannah Whitlock</bdi>" in shown(sofias)


def test_the_export_holds_what_the_page_shows_and_is_an_act_of_its_own(sofias: Client, hannah: Member) -> None:
    audit.note(hannah, "template.saved", "template 7", name="Invitation")
    hannah.user.name = "=HYPERLINK(1)"
    audit.note(hannah, "campaign.created", "campaign 7", name="Nights")
    answer = sofias.post(f"{PAGE}export/", {"group": "campaign"})
    assert 'filename="audit.csv"' in answer.headers["Content-Disposition"]
    text = b"".join(answer).decode("utf-8-sig")
    (head, row) = csv.reader(StringIO(text))
    assert head == ["Time", "Who", "What", "Act", "On"]
    assert row[1:] == ["'=HYPERLINK(1)", "began the campaign “Nights”.", "campaign.created", "campaign 7"]
    assert "Sofia Lindqvist</bdi></b> <bdi>exported the audit log." in shown(sofias)


def test_another_organization_and_lesser_roles_see_nothing_of_it(
    client_of: Callable[[Member], Client], omar: Member, hannah: Member, northlane: Organization
) -> None:
    audit.note(hannah, "template.saved", name="Invitation")
    organizations.change_role(omar, Role.SUPER_ADMIN)
    assert "Invitation" not in shown(client_of(omar))
    assert "Audit log" not in client_of(hannah).get("/settings/").content.decode()


def test_a_long_log_pages_by_key_at_the_same_cost(sofias: Client, northlane: Organization, hannah: Member) -> None:
    def costs(query: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            shown(sofias, query)
        return len(asked)

    audit.note(hannah, "template.saved", name="Invitation")
    one = costs("")
    AuditEvent.objects.bulk_create(
        AuditEvent(organization=northlane, verb="template.saved", details={"name": f"No {n}"})
        for n in range(LISTED * 2)
    )
    keys = list(AuditEvent.objects.order_by("-pk").values_list("pk", flat=True))
    assert f"?after={keys[LISTED - 1]}&group=template" in shown(sofias, "?group=template")
    assert costs("") == costs(f"?after={keys[LISTED - 1]}") == one
