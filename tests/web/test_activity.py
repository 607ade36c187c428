"""The Activity tab of a profile: everything that happened with somebody, in one list, as the reader may see it."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidly.actions import (
    agency_talk,
    calls,
    campaigns,
    consent,
    internal,
    notes,
    openings,
    people,
    reminders,
    responses,
)
from candidly.actions.agency_talk import Words
from candidly.models import (
    AgencyUser,
    CampaignMember,
    ConsentEvent,
    Delivery,
    Member,
    Message,
    Opening,
    Organization,
    Person,
    Plan,
    Purpose,
    Reminder,
    Stage,
    clock,
)
from candidly.rules.activity import SOURCES, page
from candidly.rules.agencies import Speaker, Talk, audience_of
from candidly.rules.zones import zone
from candidly.web.candidates.activity import TELLS
from tests.web.letters import hears_from, plain, write_to

type SignIn = Callable[[Member], Client]


def lines(client: Client, person: Person, after: str = "") -> list[str]:
    """What the tab says, line by line, without its times."""
    answer = client.get(f"/{person.kind}s/{person.pk}/activity/{after}")
    assert answer.status_code == 200
    return as_text(answer.content.decode())


def as_text(html: str) -> list[str]:
    listed = re.findall(r"<li id=\"[^\"]+\"><svg.*?</svg>(.*?)<time", html, re.DOTALL)
    return [" ".join(unescape(re.sub("<[^>]+>", "", one.replace("<p", " | <p"))).split()) for one in listed]


def say(speaker: Speaker, talk: Talk, text: str = "Hello") -> None:
    agency_talk.say(speaker, talk, Words(text, drawn=audience_of(talk).mark))


def test_each_source_is_told() -> None:
    assert SOURCES.keys() == TELLS.keys()


def test_what_was_written_is_told_with_how_far_it_came(
    client_of: SignIn, hannah: Member, priya: Member, amara: Person
) -> None:
    sent = write_to(amara, hannah, subject="Your interview")
    at = clock.now()
    sent.deliveries.update(state=Delivery.State.READ, sent_at=at, arrived_at=at)
    mail = plain("Yes, with pleasure")
    mail["In-Reply-To"] = sent.rfc_message_id
    hears_from(amara, sent.conversation, "Yes, with pleasure", mail)
    waiting = write_to(amara, priya, subject="The rota")
    told = lines(client_of(hannah), amara)
    assert told[:3] == [
        "Priya Nair wrote “The rota” | Queued",
        "Amara Okafor answered “Re: Your interview”",
        f"You sent “Your interview” | Read {timezone.localtime(at, zone(hannah.time_zone)):%H:%M}",
    ]
    shown = client_of(hannah).get(f"/candidates/{amara.pk}/activity/").content.decode()
    assert f'href="/conversations/{waiting.conversation_id}/?at={waiting.pk}"' in shown


def test_what_has_no_subject_is_told_by_its_words_and_its_way(client_of: SignIn, hannah: Member, amara: Person) -> None:
    write_to(amara, hannah, text="Thursday is free", channels=("app",))
    assert lines(client_of(hannah), amara)[0].startswith("You sent “Thursday is free” | In-app: Sent")


def test_notes_calls_and_who_leads_are_told(client_of: SignIn, hannah: Member, priya: Member, amara: Person) -> None:
    conversation = write_to(amara, hannah).conversation
    notes.note(hannah, conversation, "Asks for Fridays")
    calls.log(hannah, amara, outcome=Message.CallOutcome.VOICEMAIL, note="Calls back", conversation=conversation)
    calls.log(hannah, amara, outcome=Message.CallOutcome.SPOKE, they_called=True, conversation=conversation)
    internal.remark(conversation, hannah, f"assigned this to {priya.name}", [priya])
    assert lines(client_of(priya), amara)[:4] == [
        "Hannah Whitlock assigned this to Priya Nair | Your application",
        "Amara Okafor called Hannah Whitlock | Spoke",
        "Hannah Whitlock called Amara Okafor | Left a voicemail · Calls back",
        "Hannah Whitlock wrote an internal note | Asks for Fridays",
    ]
    assert "Amara Okafor called you | Spoke" in lines(client_of(hannah), amara)


def test_applications_and_stages_are_told(
    client_of: SignIn, hannah: Member, priya: Member, amara: Person, nights: Opening
) -> None:
    application = openings.enter(hannah, amara, nights)
    people.move(application, Stage.OFFER, was=Stage.APPLIED, by=hannah)
    assert lines(client_of(hannah), amara)[:2] == [
        "You moved Amara Okafor to Offer | From Applied · Healthcare Assistant, Nights",
        "You entered Amara Okafor for Healthcare Assistant, Nights – Bradford",
    ]
    assert lines(client_of(priya), amara) == [
        "Hannah Whitlock moved Amara Okafor to Offer | From Applied · Healthcare Assistant, Nights",
        "Hannah Whitlock entered Amara Okafor for Healthcare Assistant, Nights – Bradford",
        "Amara Okafor applied for Staff Nurse, ICU – Leeds",
        "Amara Okafor was added to Candidly | Source: Direct",
    ]


def test_a_stage_is_told_of_the_person_who_moved_and_nobody_else(
    client_of: SignIn, hannah: Member, amara: Person, kwame: Person
) -> None:
    people.move(kwame.applications.get(), Stage.OFFER, was=Stage.APPLIED, by=hannah)
    assert not any("moved" in line for line in lines(client_of(hannah), amara))


def test_campaigns_and_responses_are_told(client_of: SignIn, hannah: Member, priya: Member, amara: Person) -> None:
    visits = campaigns.create(hannah, name="Ward visits")
    campaigns.add(hannah, visits, {"ids": [amara.pk]}, "candidate")
    responses.give(visits, amara, CampaignMember.Response.ACCEPTED)
    assert lines(client_of(hannah), amara)[1].endswith("the campaign Ward visits by you")
    client = client_of(priya)
    assert lines(client, amara)[:2] == [
        "Campaign Ward visits: Accepted | By the link in the mail",
        "Amara Okafor was added to the campaign Ward visits by Hannah Whitlock",
    ]
    campaigns.remove(hannah, visits, visits.members.all())
    assert not any("campaign" in line.lower() for line in lines(client, amara))


def test_where_the_plan_has_no_campaigns_none_is_told(
    client_of: SignIn, hannah: Member, northlane: Organization, amara: Person
) -> None:
    campaigns.add(hannah, campaigns.create(hannah, name="Ward visits"), {"ids": [amara.pk]}, "candidate")
    northlane.plan = Plan.objects.create(name="Small", features=[])
    northlane.save(update_fields=["plan"])
    assert not any("Ward visits" in line for line in lines(client_of(hannah), amara))


def test_reminders_are_told_to_whom_they_belong(
    client_of: SignIn, hannah: Member, priya: Member, amara: Person
) -> None:
    message = write_to(amara, hannah, subject="Your references")
    reminders.finish(reminders.remind(hannah, message, 3))
    reminders.remind(hannah, message, 1)
    told = lines(client_of(hannah), amara)
    assert told[:3] == [
        "You asked to be reminded in 1 day if nobody answers “Your references”",
        "Reminder done: “Your references”",
        "You asked to be reminded in 3 days if nobody answers “Your references”",
    ]
    assert not any("remind" in line.lower() for line in lines(client_of(priya), amara))
    hears_from(amara, message.conversation, "Here they are")
    assert "Reminder over, because an answer came: “Your references”" in lines(client_of(hannah), amara)
    assert Reminder.objects.count() == 2


def test_wishes_are_told_to_those_who_see_them_elsewhere(
    client_of: SignIn, hannah: Member, marcus: Member, ruth: Member, amara: Person
) -> None:
    who = amara.organization, "sms", amara.phone
    consent.opt_out(*who, source=ConsentEvent.Source.TEXT, said="STOP", person=amara)
    consent.opt_in(*who, source=ConsentEvent.Source.PORTAL, person=amara)
    unsubscribed = {"source": ConsentEvent.Source.UNSUBSCRIBE, "purpose": Purpose.CAMPAIGN}
    consent.opt_out(amara.organization, "email", amara.email, person=amara, **unsubscribed)
    texts = [
        "Amara Okafor agreed to be written to by SMS | In the portal",
        "Amara Okafor wants nothing more by SMS | By text message",
    ]
    mails = ["Amara Okafor unsubscribed from campaigns | By the unsubscribe link"]
    assert lines(client_of(hannah), amara)[:3] == [*mails, *texts]
    for reader in (marcus, ruth):
        assert lines(client_of(reader), amara)[:3] == [*texts, "Amara Okafor applied for Staff Nurse, ICU – Leeds"]


def test_what_is_said_with_agencies_is_told_and_what_is_private_to_its_member_alone(
    client_of: SignIn, hannah: Member, priya: Member, sofia: Member, declan: AgencyUser, callum: Person
) -> None:
    say(declan, Talk(callum, declan))
    say(hannah, Talk(callum, declan, hannah), "Our ceiling is 42")
    for_all = "Declan Farrell wrote in agency messages | Meridian Locums"
    submitted = "Declan Farrell, Meridian Locums, submitted Callum Byrne for Healthcare Assistant, Nights – Bradford"
    client = client_of(hannah)
    assert lines(client, callum)[:3] == [
        "You wrote in agency messages | To Declan Farrell, Meridian Locums · private with you",
        for_all,
        submitted,
    ]
    assert (
        f'href="/candidates/{callum.pk}/?agency={declan.pk}"'
        in client.get(f"/candidates/{callum.pk}/activity/").content.decode()
    )
    for other in (priya, sofia):
        assert lines(client_of(other), callum)[:2] == [for_all, submitted]


def test_a_message_that_was_taken_back_is_not_told(
    client_of: SignIn, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    talk = Talk(callum, declan)
    message = agency_talk.say(declan, talk, Words("Hello", drawn=audience_of(talk).mark))
    agency_talk.delete(declan, message)
    assert not any("agency messages" in line for line in lines(client_of(hannah), callum))


def test_a_hiring_manager_hears_of_another_teams_application_what_the_previous_tab_says(
    client_of: SignIn, hannah: Member, marcus: Member, ruth: Member, amara: Person, nights: Opening
) -> None:
    application = openings.enter(hannah, amara, nights)
    people.move(application, Stage.OFFER, was=Stage.APPLIED, by=hannah)
    elsewhere = lines(client_of(marcus), amara)
    assert "Amara Okafor applied for Healthcare Assistant, Nights – Bradford" in elsewhere
    assert not any("moved" in line or "Hannah" in line for line in elsewhere)
    assert any("Hannah Whitlock moved" in line for line in lines(client_of(ruth), amara))


def test_a_hiring_manager_hears_of_another_teams_agency_nothing(
    client_of: SignIn, marcus: Member, declan: AgencyUser, callum: Person, icu: Opening
) -> None:
    people.apply(callum, icu)
    told = lines(client_of(marcus), callum)
    assert "Callum Byrne applied for Healthcare Assistant, Nights – Bradford" in told
    assert not any("Declan" in line for line in told)


@pytest.mark.parametrize("htmx", [False, True])
def test_who_may_not_see_the_person_finds_no_activity(
    client_of: SignIn, omar: Member, marcus: Member, kwame: Person, htmx: bool
) -> None:
    headers = {"HX-Request": "true"} if htmx else {}
    for stranger in (omar, marcus):
        answer = client_of(stranger).get(f"/candidates/{kwame.pk}/activity/", headers=headers)
        assert answer.status_code == 404


def test_another_persons_page_shows_nothing_of_this_one(
    client_of: SignIn, hannah: Member, amara: Person, kwame: Person
) -> None:
    message = write_to(amara, hannah, subject="Only for Amara")
    reminders.remind(hannah, message, 3)
    consent.opt_out(amara.organization, "sms", amara.phone, source=ConsentEvent.Source.TEXT, said="STOP", person=amara)
    assert len(lines(client_of(hannah), kwame)) == 2


def test_contacts_have_activity_too(client_of: SignIn, hannah: Member, northlane: Organization) -> None:
    declan = people.add_contact(northlane, first_name="Declan", last_name="Farrell", work_email="d@meridian.example")
    write_to(declan, hannah, subject="Two nurses")
    assert lines(client_of(hannah), declan)[0].startswith("You wrote “Two nurses”")


def test_pages_follow_each_other_without_loss_even_at_one_moment(hannah: Member, amara: Person) -> None:
    """Messages, notes, reminders and consent of one moment lie on both sides of every break."""
    conversation = write_to(amara, hannah).conversation
    for _ in range(6):
        message = write_to(amara, hannah)
        reminders.remind(hannah, message, 3)
        notes.note(hannah, conversation, "Noted")
        consent.opt_out(
            amara.organization, "sms", amara.phone, source=ConsentEvent.Source.TEXT, said="STOP", person=amara
        )
    moment = clock.now() - timedelta(days=1)
    Message.objects.update(created_at=moment)
    Reminder.objects.update(created_at=moment)
    ConsentEvent.objects.update(at=moment)
    whole = [happened.place for happened in page(hannah, amara, size=100).happened]
    assert len(whole) == len(set(whole)) == 27
    for size in (1, 2, 5, 13):
        walked, key = [], ""
        while True:
            found = page(hannah, amara, key, size)
            walked += [happened.place for happened in found.happened]
            if not (key := found.older):
                break
        assert walked == whole


def test_thirty_come_at_a_time_with_and_without_scripts(client_of: SignIn, hannah: Member, amara: Person) -> None:
    for number in range(40):
        write_to(amara, hannah, subject=f"Letter {number:02}")
    client = client_of(hannah)
    first = client.get(f"/candidates/{amara.pk}/activity/").content.decode()
    assert len(as_text(first)) == 30
    (older,) = set(re.findall(r'"(\?after=[^"]+)"', first.replace(f"/candidates/{amara.pk}/activity/", "")))
    rest = lines(client, amara, older)
    assert rest[0].startswith("You wrote “Letter 09”")
    assert len(rest) == 12
    fetched = client.get(f"/candidates/{amara.pk}/activity/{older}", headers={"HX-Request": "true"}).content.decode()
    assert as_text(fetched) == rest
    assert "<html" not in fetched
    assert "Older activity" not in fetched


@pytest.mark.parametrize("key", ["x", "20250101", "20250101000000000000-1-nothing", "99999999999999999999-1-message"])
def test_a_key_that_cannot_be_read_shows_the_newest(client_of: SignIn, hannah: Member, amara: Person, key: str) -> None:
    assert len(lines(client_of(hannah), amara, f"?after={key}")) == 2


def test_past_the_end_the_page_says_so(client_of: SignIn, hannah: Member, amara: Person) -> None:
    answer = client_of(hannah).get(f"/candidates/{amara.pk}/activity/?after=20000101000000000000-1-message")
    assert "Nothing further back" in answer.content.decode()


def everything(member: Member, user: AgencyUser, person: Person) -> None:
    message = write_to(person, member)
    reminders.finish(reminders.remind(member, message, 3))
    notes.note(member, message.conversation, "Noted")
    calls.log(member, person, outcome=Message.CallOutcome.SPOKE, conversation=message.conversation)
    internal.remark(message.conversation, member, "leads this conversation now")
    hears_from(person, message.conversation, "Yes")
    say(user, Talk(person, user))
    application = person.applications.get()
    people.move(application, Stage.OFFER, was=Stage(application.stage), by=member)
    people.move(application, Stage.APPLIED, was=Stage.OFFER, by=member)
    campaigns.add(member, campaigns.create(member, name="Visits"), {"ids": [person.pk]}, "candidate")
    CampaignMember.objects.update(response="accepted", response_source="hand", responded_at=clock.now())
    source = ConsentEvent.Source.TEXT
    consent.opt_out(person.organization, "sms", "+447700900199", source=source, said="STOP", person=person)


def test_the_number_of_questions_does_not_grow(
    client_of: SignIn, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    client = client_of(hannah)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            lines(client, callum)
        return len(caught)

    everything(hannah, declan, callum)
    queries()
    once = queries()
    for _ in range(4):
        everything(hannah, declan, callum)
    assert queries() == once
    with CaptureQueriesContext(connection) as caught:
        page(hannah, callum)
    assert len(caught) == len(SOURCES) + 2  # which messages, and their deliveries


def test_moves_are_found_by_an_index(hannah: Member, amara: Person) -> None:
    """The audit log is long, and an application's part of it short."""
    if connection.vendor == "postgresql":
        connection.cursor().execute("SET LOCAL enable_seqscan = off")  # so small a table is read whole otherwise
    for name, order in (("move", "-at"), ("application", "-applied_at")):
        plan = SOURCES[name].find(hannah, amara).order_by(order, "-pk")[:31].explain()
        assert "audit_of_subject" in plan
