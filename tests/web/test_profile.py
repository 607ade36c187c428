"""The profile: contact details, applications, and every e-mail with the person."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from candidly.actions import people
from candidly.models import AuditEvent, Conversation, Delivery, Member, Opening, Person, Stage
from tests.web.letters import hears_from, write_to

SignIn = Callable[[Member], Client]


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_profile_shows_contact_details_and_applications(client_of: SignIn, hannah: Member, amara: Person) -> None:
    Person.objects.filter(pk=amara.pk).update(language="en")
    shown = page(client_of(hannah), f"/candidates/{amara.pk}/")
    assert "<dt>Language</dt><dd>English</dd>" in shown
    for detail in ("Amara Okafor", "amara@mail.example", "tel:+447700900101", "Staff Nurse, ICU – Leeds", "Applied"):
        assert detail in shown


def test_a_hiring_manager_finds_only_their_own_candidates(
    client_of: SignIn, marcus: Member, omar: Member, amara: Person, kwame: Person
) -> None:
    client = client_of(marcus)
    assert client.get(f"/candidates/{amara.pk}/").status_code == 200
    assert client.get(f"/candidates/{kwame.pk}/").status_code == 404
    stranger = client_of(omar)
    for path in ("", "emails/"):
        assert stranger.get(f"/candidates/{amara.pk}/{path}").status_code == 404
    for path in ("edit/", "conversations/"):
        assert stranger.post(f"/candidates/{amara.pk}/{path}", {"first_name": "X", "text": "X"}).status_code == 404


def test_a_hiring_manager_reads_earlier_threads_elsewhere_and_answers_only_their_own(
    client_of: SignIn, hannah: Member, marcus: Member, amara: Person, icu: Opening, nights: Opening
) -> None:
    other = people.apply(amara, nights)
    write_to(amara, hannah, subject="About the unit", application=amara.applications.get(opening=icu))
    write_to(amara, hannah, subject="About the nights", application=other)
    client = client_of(marcus)
    assert "Nights" not in page(client, f"/candidates/{amara.pk}/")
    own = Conversation.objects.get(subject="About the unit").pk
    elsewhere = Conversation.objects.get(subject="About the nights").pk
    assert "<textarea" in page(client, f"/conversations/{own}/")
    assert "<textarea" not in page(client, f"/conversations/{elsewhere}/")
    assert client.post(f"/conversations/{elsewhere}/messages/", {"text": "Hello"}).status_code == 422


def test_contact_details_can_be_changed(client_of: SignIn, hannah: Member, amara: Person) -> None:
    saved = client_of(hannah).post(
        f"/candidates/{amara.pk}/edit/",
        {"first_name": "Amara", "last_name": "Okafor-Bell", "work_email": "a@ward.example", "phone": "07700 900102"},
    )
    assert saved.headers["HX-Redirect"] == f"/candidates/{amara.pk}/"
    amara.refresh_from_db()
    assert (amara.last_name, amara.email, amara.phone) == ("Okafor-Bell", "a@ward.example", "+447700900102")


@pytest.mark.parametrize(
    ("details", "sentence"),
    [
        ({"first_name": "Amara", "private_email": "amara at home"}, "id_private_email_error"),
        ({"first_name": "Amara", "phone": "no phone"}, "phone number"),
        ({"location": "Leeds"}, "Give at least a name"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(
    client_of: SignIn, hannah: Member, amara: Person, details: dict[str, str], sentence: str
) -> None:
    refused = client_of(hannah).post(f"/candidates/{amara.pk}/edit/", details)
    shown = refused.content.decode()
    assert refused.status_code == 422
    assert sentence in shown
    assert all(f'value="{value}"' in shown for value in details.values())
    amara.refresh_from_db()
    assert amara.private_email == "amara@mail.example"


def test_a_read_only_member_changes_and_writes_nothing(client_of: SignIn, ruth: Member, amara: Person) -> None:
    client = client_of(ruth)
    shown = page(client, f"/candidates/{amara.pk}/")
    assert 'id="new-email"' not in shown
    assert 'id="edit-person"' not in shown
    assert client.post(f"/candidates/{amara.pk}/edit/", {"first_name": "X"}).status_code == 403
    written = client.post(f"/candidates/{amara.pk}/conversations/", {"subject": "Hi", "text": "Hello"})
    assert written.status_code == 422
    assert not Conversation.objects.exists()


def test_a_new_email_begins_a_conversation_about_the_application(
    client_of: SignIn, hannah: Member, amara: Person
) -> None:
    application = amara.applications.get()
    sent = client_of(hannah).post(
        f"/candidates/{amara.pk}/conversations/",
        {
            "subject": "Visit us",
            "text": "Saturday?",
            "application": application.pk,
            "send_key": "k1",
            "channels": ["email"],
        },
        headers={"HX-Request": "true"},
    )
    conversation = Conversation.objects.get()
    assert sent.headers["HX-Redirect"] == f"/candidates/{amara.pk}/emails/?thread={conversation.pk}"
    assert "message-sent" in sent.headers["HX-Trigger"]
    assert (conversation.application, conversation.owner, conversation.subject) == (application, hannah, "Visit us")
    assert Delivery.objects.get().address == "amara@mail.example"


def test_a_new_email_needs_a_subject(client_of: SignIn, hannah: Member, amara: Person) -> None:
    refused = client_of(hannah).post(
        f"/candidates/{amara.pk}/conversations/", {"text": "Saturday?", "channels": ["email"]}
    )
    assert refused.status_code == 422
    assert "Write a subject" in refused.content.decode()


def test_another_persons_application_is_refused(
    client_of: SignIn, hannah: Member, amara: Person, kwame: Person
) -> None:
    refused = client_of(hannah).post(
        f"/candidates/{amara.pk}/conversations/",
        {"subject": "Visit", "text": "Hello", "application": kwame.applications.get().pk},
    )
    assert refused.status_code == 422
    assert not Conversation.objects.exists()


def test_the_emails_tab_lists_every_thread_and_answers_in_place(
    client_of: SignIn, hannah: Member, priya: Member, amara: Person
) -> None:
    first = write_to(amara, priya, subject="From Priya", text="Hello from Priya").conversation
    write_to(amara, hannah, subject="From Hannah", text="Hello from Hannah")
    client = client_of(hannah)
    shown = page(client, f"/candidates/{amara.pk}/emails/")
    assert 'Emails <span class="badge">2</span>' in shown
    assert "<p>Hello from Hannah</p>" in shown  # the newest is open
    chosen = page(client, f"/candidates/{amara.pk}/emails/?thread={first.pk}")
    assert "<p>Hello from Priya</p>" in chosen
    assert f'hx-post="/conversations/{first.pk}/messages/"' in chosen


def test_opening_a_thread_on_the_profile_marks_it_read(client_of: SignIn, hannah: Member, amara: Person) -> None:
    conversation = write_to(amara, hannah).conversation
    hears_from(amara, conversation, "Yes")
    page(client_of(hannah), f"/candidates/{amara.pk}/emails/?thread={conversation.pk}")
    assert not hannah.participations.get().is_unread


def test_the_threads_come_twenty_at_a_time(client_of: SignIn, hannah: Member, amara: Person) -> None:
    for number in range(25):
        write_to(amara, hannah, subject=f"Letter {number:02}")
    client = client_of(hannah)
    first = client.get(f"/candidates/{amara.pk}/emails/").context["list"]
    rest = client.get(f"/candidates/{amara.pk}/emails/?after={first.next}").context["list"]
    subjects = [row.conversation.subject for row in [*first.rows, *rest.rows]]
    assert subjects == [f"Letter {number:02}" for number in reversed(range(25))]
    assert rest.next == ""


@pytest.mark.parametrize("threads", [2, 18])
def test_the_profile_asks_the_same_few_questions_however_much_there_is(
    client_of: SignIn,
    hannah: Member,
    amara: Person,
    threads: int,
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    for _ in range(threads):
        write_to(amara, hannah)
    client = client_of(hannah)
    with django_assert_max_num_queries(14):  # type: ignore[attr-defined]
        page(client, f"/candidates/{amara.pk}/")
    with django_assert_max_num_queries(29):  # type: ignore[attr-defined]
        page(client, f"/candidates/{amara.pk}/emails/")


def test_an_application_is_brought_to_another_stage_and_back(client_of: SignIn, hannah: Member, kwame: Person) -> None:
    client, application = client_of(hannah), kwame.applications.get()
    application.stage = Stage.APPLIED
    application.save(update_fields=["stage"])
    address = f"/applications/{application.pk}/stage/"
    answer = client.post(address, {"stage": Stage.DECLINED, "was": Stage.APPLIED}, headers={"HX-Request": "true"})
    said = json.loads(answer["HX-Trigger"])
    assert said["toasts"]["toasts"][0]["text"] == f"Kwame Mensah: Declined, {application.opening}"
    assert "live:stage" in said
    application.refresh_from_db()
    kwame.refresh_from_db()
    assert (application.stage, application.status, kwame.stage) == (Stage.DECLINED, "declined", Stage.DECLINED)
    assert "Declined: change the stage" in page(client, address)
    assert AuditEvent.objects.get(verb="person.moved").details["was"] == "Applied"

    client.post(said["toasts"]["toasts"][0]["undo"]["url"], headers={"HX-Request": "true"})
    application.refresh_from_db()
    assert (application.stage, application.status) == (Stage.APPLIED, "active")


def test_undo_brings_back_that_somebody_had_withdrawn(client_of: SignIn, hannah: Member, kwame: Person) -> None:
    client, application = client_of(hannah), kwame.applications.get()
    kwame.applications.update(stage=Stage.INTERVIEW, status="withdrawn")
    moved = {"stage": Stage.SCREENING, "was": Stage.INTERVIEW}
    answer = client.post(f"/applications/{application.pk}/stage/", moved, headers={"HX-Request": "true"})
    application.refresh_from_db()
    assert (application.stage, application.status) == (Stage.SCREENING, "active")
    undo = json.loads(answer["HX-Trigger"])["toasts"]["toasts"][0]["undo"]
    client.post(undo["url"], headers={"HX-Request": "true"})
    application.refresh_from_db()
    assert (application.stage, application.status) == (Stage.INTERVIEW, "withdrawn")


def test_a_page_that_shows_an_earlier_stage_moves_nobody(
    client_of: SignIn, hannah: Member, priya: Member, kwame: Person
) -> None:
    application = kwame.applications.get()
    people.move(application, Stage.OFFER)
    address = f"/applications/{application.pk}/stage/"
    answer = client_of(priya).post(
        address, {"stage": Stage.DECLINED, "was": Stage.SCREENING}, headers={"HX-Request": "true"}
    )
    assert "Somebody else has moved this application meanwhile." in answer["HX-Trigger"]
    application.refresh_from_db()
    assert application.stage == Stage.OFFER
    assert client_of(hannah).post(address, {"stage": "9", "was": "1"}).status_code == 404


def test_who_reads_only_sees_the_stage_and_no_choice(client_of: SignIn, ruth: Member, kwame: Person) -> None:
    shown = page(client_of(ruth), f"/candidates/{kwame.pk}/")
    assert 'class="pipeline"' in shown
    assert "change the stage" not in shown


def test_who_coordinates_a_stage_is_changed_in_the_profile(
    client_of: SignIn, hannah: Member, priya: Member, marcus: Member, ruth: Member, kwame: Person
) -> None:
    address = f"/applications/{kwame.applications.get().pk}/coordinator/"
    choice = page(client_of(hannah), address)
    assert ("Priya Nair" in choice, "Marcus Bell" in choice, "Ruth Adeyemi" in choice) == (True, False, False)
    assert client_of(hannah).post(address, {"owner": marcus.pk}).status_code == 404
    client_of(hannah).post(address, {"owner": priya.pk})
    assert "Priya Nair, stage owner" in page(client_of(hannah), f"/candidates/{kwame.pk}/")
    client_of(hannah).post(address, {"owner": ""})
    assert "Nobody yet" in page(client_of(hannah), f"/candidates/{kwame.pk}/")
