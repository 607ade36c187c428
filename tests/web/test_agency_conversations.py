"""The talk with the recruiting team, as agency users have it."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from candidly.actions import agencies, agency_talk, people
from candidly.actions.agency_talk import Words
from candidly.envelope import File
from candidly.models import (
    Agency,
    AgencyMessage,
    AgencyUser,
    Attachment,
    LiveEvent,
    Member,
    Organization,
    Person,
    Role,
    Stage,
)
from candidly.rules.agencies import Speaker, Talk, audience_of
from tests.conftest import join

type ClientOf = Callable[[Member | AgencyUser], Client]

HTMX = {"HX-Request": "true"}
NO_SCRIPTS: dict[str, str] = {}


@pytest.fixture
def declans(client_of: ClientOf, declan: AgencyUser) -> Client:
    return client_of(declan)


def say(speaker: Speaker, talk: Talk, text: str = "Hello", *files: File) -> AgencyMessage:
    return agency_talk.say(speaker, talk, Words(text, drawn=audience_of(talk).mark, files=files))


def address(person: Person, part: str = "") -> str:
    return f"/agency/candidates/{person.pk}/{part}"


def shown(client: Client, person: Person, part: str = "") -> str:
    return client.get(address(person, part)).content.decode()


def words_of(page: str) -> str:
    """What can be read, in one line."""
    return " ".join(re.sub("<[^>]+>", "", page).split())


def write(client: Client, person: Person, headers: dict[str, str] = HTMX, **form: Any) -> tuple[int, str]:
    """As the page's form does it: to the audience that the page drew."""
    drawn = re.search(r'name="drawn" value="([\d,]+)"', shown(client, person))
    assert drawn
    answer = client.post(address(person), {"drawn": drawn[1], **form}, headers=headers)
    return answer.status_code, answer.content.decode()


def test_who_will_see_it_stands_above_the_composer_by_name(
    declans: Client, marcus: Member, ruth: Member, esra: Person, callum: Person
) -> None:
    assert "Who will see this: Hannah Whitlock; Marcus Bell; Ruth Adeyemi Message" in words_of(shown(declans, esra))
    page = shown(declans, callum)
    assert "Who will see this: Hannah Whitlock; Ruth Adeyemi" in words_of(page)
    assert "only Hannah Whitlock" in words_of(page)
    assert "With Hannah Whitlock, coordinator" in words_of(page)


def test_many_who_will_see_it_unfold(northlane: Organization, declans: Client, callum: Person) -> None:
    for number in range(8):
        join(northlane, f"Colleague{number} Brown", Role.RECRUITER)
    assert "Colleague5 Brown; 3 moreColleague6 Brown; " in words_of(shown(declans, callum))


def test_what_is_said_to_all_is_read_by_members_with_access(
    client_of: ClientOf, declans: Client, declan: AgencyUser, priya: Member, callum: Person
) -> None:
    status, page = write(declans, callum, text="He can start\r\non Monday", send_key="k")
    assert status == 200
    assert "He can start" in page
    message = AgencyMessage.objects.get()
    assert (message.text, message.thread.private_with) == ("He can start\non Monday", None)
    talk = client_of(priya).get(f"/candidates/{callum.pk}/talk/{declan.pk}/", headers=HTMX).content.decode()
    assert "He can start" in talk


def test_privately_only_the_stage_owner_reads_it(
    client_of: ClientOf, declans: Client, declan: AgencyUser, hannah: Member, sofia: Member, callum: Person
) -> None:
    assert write(declans, callum, text="Between us", private="1", to=hannah.pk)[0] == 200
    assert AgencyMessage.objects.get().thread.private_with == hannah
    for member, reads in ((hannah, True), (sofia, False)):
        talk = client_of(member).get(f"/candidates/{callum.pk}/talk/{declan.pk}/", headers=HTMX).content.decode()
        assert ("Between us" in talk) is reads


def test_there_is_no_private_switch_where_nobody_may_be_written_to_privately(declans: Client, esra: Person) -> None:
    assert 'name="private"' not in shown(declans, esra)


def test_after_a_private_message_the_switch_stays_on(
    declans: Client, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    say(hannah, Talk(callum, declan))
    assert 'id="talk-private" checked' not in shown(declans, callum)
    say(hannah, Talk(callum, declan, hannah))
    assert 'id="talk-private" checked' in shown(declans, callum)


def test_who_wrote_privately_is_offered_beside_the_new_stage_owner(
    declans: Client, hannah: Member, priya: Member, declan: AgencyUser, callum: Person
) -> None:
    say(hannah, Talk(callum, declan, hannah))
    callum.applications.update(stage_owner=priya)
    page = shown(declans, callum)
    assert f'<option value="{priya.pk}">' in page
    assert f'<option value="{hannah.pk}" selected>' in page
    assert write(declans, callum, text="To Priya alone", private="1", to=priya.pk)[0] == 200
    assert AgencyMessage.objects.latest("pk").thread.private_with == priya


def test_nobody_else_can_be_written_to_privately_and_nothing_goes_to_all_instead(
    declans: Client, sofia: Member, omar: Member, callum: Person
) -> None:
    for to in (sofia.pk, omar.pk, "", "x"):
        status, page = write(declans, callum, text="Between us", private="1", to=to)
        assert status == 422
        assert "Sofia" not in re.sub(r"(?s)<div class=\"talk-who\".*", "", page)
    assert not AgencyMessage.objects.exists()


def test_whom_one_chose_and_who_lost_access_meanwhile_is_not_exchanged_for_somebody_else(
    declans: Client, hannah: Member, priya: Member, declan: AgencyUser, callum: Person
) -> None:
    say(hannah, Talk(callum, declan, hannah))
    callum.applications.update(stage_owner=priya)
    hannah.user.is_active = False
    hannah.user.save()
    status, page = write(declans, callum, text="Between us", private="1", to=hannah.pk)
    assert status == 422
    assert "no longer be written to privately" in page
    assert '<option value="" selected>' in page
    assert 'id="talk-private" checked' in page
    assert AgencyMessage.objects.count() == 1


def test_when_the_audience_grew_nothing_is_sent_and_the_new_name_is_shown(
    northlane: Organization, declans: Client, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    drawn = audience_of(Talk(callum, declan)).mark
    join(northlane, "Ines Roth", Role.RECRUITER)
    for headers in (HTMX, NO_SCRIPTS):
        answer = declans.post(address(callum), {"text": "Hello <you>", "drawn": drawn}, headers=headers)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Ines Roth would see this too" in page
        assert f'value="{audience_of(Talk(callum, declan)).mark}"' in page
    assert "Hello &lt;you&gt;</textarea>" in page
    assert not AgencyMessage.objects.exists()


def test_a_form_that_names_no_audience_is_refused(declans: Client, hannah: Member, callum: Person) -> None:
    assert declans.post(address(callum), {"text": "Hello"}).status_code == 422
    assert not AgencyMessage.objects.exists()


def test_an_empty_message_and_one_that_is_too_long_are_refused_in_words(declans: Client, callum: Person) -> None:
    assert "Write a message first" in write(declans, callum, text=" ")[1]
    status, page = write(declans, callum, text="x" * 20_001)
    assert (status, "Attach it as a file." in page) == (422, True)


def test_files_go_with_the_message_and_to_its_readers_alone(
    client_of: ClientOf, declans: Client, bridget: AgencyUser, hannah: Member, sofia: Member, callum: Person
) -> None:
    file = BytesIO(b"%PDF-1.7 rates")
    file.name = "rates.pdf"
    status, page = write(declans, callum, private="1", to=hannah.pk, files=file)
    assert status == 200
    kept = Attachment.objects.get()
    assert f"/agency/files/{kept.pk}/" in page
    assert declans.get(f"/agency/files/{kept.pk}/").status_code == 200
    assert client_of(bridget).get(f"/agency/files/{kept.pk}/").status_code == 404
    assert client_of(hannah).get(f"/talk-files/{kept.pk}/").status_code == 200
    assert client_of(sofia).get(f"/talk-files/{kept.pk}/").status_code == 404


def test_a_file_that_is_refused_keeps_the_words(declans: Client, callum: Person) -> None:
    program = BytesIO(b"MZ")
    program.name = "setup.exe"
    status, page = write(declans, callum, NO_SCRIPTS, text="See the file", files=program)
    assert status == 422
    assert "setup.exe is a program" in page
    assert "See the file</textarea>" in page


def test_a_double_click_says_it_once(declans: Client, callum: Person) -> None:
    for _ in range(2):
        assert write(declans, callum, text="Once", send_key="k")[0] == 200
    assert AgencyMessage.objects.count() == 1


def test_without_scripts_it_is_read_and_written_and_marked_as_read(
    declans: Client, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    message = say(hannah, Talk(callum, declan), "Good news")
    page = shown(declans, callum)
    assert "Good news" in page
    assert "Mark as read" in page
    answer = declans.post(address(callum, "seen/"), {"up_to": message.pk, "by_hand": "1"})
    assert answer.headers["Location"] == address(callum)
    assert "Mark as read" not in shown(declans, callum)
    newer = say(hannah, Talk(callum, declan), "More of it")
    status, _ = write(declans, callum, NO_SCRIPTS, text="Thank you", up_to=newer.pk)
    assert status == 302
    assert "Mark as read" not in shown(declans, callum)
    assert "Thank you" in shown(declans, callum)


def test_own_messages_say_when_a_member_has_read_them(
    declans: Client, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    message = say(declan, Talk(callum, declan))
    assert 'data-state="sent"' in shown(declans, callum)
    agency_talk.read(hannah, message.thread, message.pk)
    assert 'data-state="read"' in shown(declans, callum)


def test_ones_own_message_is_deleted_and_leaves_a_tombstone_for_both(
    client_of: ClientOf, declans: Client, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    message = say(declan, Talk(callum, declan), "Our ceiling is 42", File("rates.pdf", "application/pdf", b"%PDF"))
    theirs = say(hannah, Talk(callum, declan), "Noted")
    page = declans.delete(f"/agency/messages/{message.pk}/", headers=HTMX).content.decode()
    for gone in ("ceiling", "rates.pdf", "Delete message"):
        assert gone not in page
    assert "Message deleted" in page
    assert "Noted" in page
    talk = client_of(hannah).get(f"/candidates/{callum.pk}/talk/{declan.pk}/", headers=HTMX).content.decode()
    assert "Message deleted" in talk
    assert "ceiling" not in talk
    assert declans.delete(f"/agency/messages/{theirs.pk}/", headers=HTMX).status_code == 404


def test_what_a_member_deleted_unread_is_no_news(
    declans: Client, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    message = say(hannah, Talk(callum, declan), "Our ceiling is 42")
    agency_talk.delete(hannah, message)
    page = shown(declans, callum)
    assert "Message deleted" in page
    assert "data-unread>" not in page
    assert 'data-unread=""' in page  # the envelope


def test_a_colleague_who_sees_the_candidate_sees_nothing_of_the_talk(
    client_of: ClientOf, hannah: Member, meridian: Agency, declan: AgencyUser, bridget: AgencyUser, callum: Person
) -> None:
    agencies.let_colleagues_see(hannah, meridian, allowed=True)
    message = say(hannah, Talk(callum, declan), "For Declan alone")
    bridgets = client_of(bridget)
    page = shown(bridgets, callum)
    assert "Callum Byrne" in page
    assert "For Declan alone" not in page
    assert "Start a conversation about Callum Byrne" in page
    assert "For Declan alone" not in shown(bridgets, callum, "messages/")
    assert bridgets.delete(f"/agency/messages/{message.pk}/").status_code == 404
    assert write(bridgets, callum, text="From Bridget")[0] == 200
    assert AgencyMessage.objects.latest("pk").thread.agency_user == bridget


def test_an_open_page_is_offered_who_has_begun_to_write_privately_and_keeps_its_choice(
    declans: Client, hannah: Member, priya: Member, declan: AgencyUser, callum: Person
) -> None:
    part = f"messages/?partners={hannah.pk}&private=1&to={hannah.pk}"
    assert "talk-who" not in shown(declans, callum, part)
    say(priya, Talk(callum, declan, priya))
    page = declans.get(address(callum, part), headers=HTMX).content.decode()
    assert 'id="talk-who" hx-swap-oob="true"' in page
    assert f'<option value="{hannah.pk}" selected>' in page
    assert f'<option value="{priya.pk}">' in page


def test_what_is_chosen_on_an_open_page_is_never_redrawn_to_somebody_else(
    declans: Client, hannah: Member, priya: Member, callum: Person
) -> None:
    callum.applications.update(stage_owner=priya)
    part = f"messages/?partners={hannah.pk}&private=1&to={hannah.pk}"
    assert "talk-who" not in declans.get(address(callum, part), headers=HTMX).content.decode()


def test_an_open_page_is_told_of_another_stage_or_coordinator_and_shows_it(
    declans: Client, declan: AgencyUser, priya: Member, callum: Person
) -> None:
    application = callum.applications.get()
    assert "Interview" not in shown(declans, callum)
    LiveEvent.objects.all().delete()
    people.move(application, Stage.INTERVIEW)
    people.coordinate(application, priya)
    people.coordinate(application, priya)  # nothing new
    told = LiveEvent.objects.filter(topic=f"agency-user:{declan.pk}")
    assert told.count() == 2
    part = declans.get(address(callum, "top/"), headers=HTMX).content.decode()
    assert "Interview" in words_of(part)
    assert "With Priya Nair, coordinator" in words_of(part)


def test_of_an_application_that_no_agency_submitted_no_agency_hears(amara: Person, declan: AgencyUser) -> None:
    people.move(amara.applications.get(), Stage.INTERVIEW)
    assert [event.topic for event in LiveEvent.objects.all()] == [f"person:{amara.pk}"]  # to members, on their pages


def test_a_long_talk_is_read_page_by_page_and_stays_unfolded(
    declans: Client, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    said = [say(hannah, Talk(callum, declan, hannah if n % 2 else None), f"Number {n}.") for n in range(60)]
    page = shown(declans, callum)
    assert ("Number 10." in page, "Number 9." in page) == (True, False)
    for earlier in (f"messages/?before={said[10].pk}", f"?earlier={said[10].pk}"):
        page = shown(declans, callum, earlier)
        assert ("Number 10." in page, "Number 9." in page, "Number 0." in page) == (False, True, True)
    assert "Newest messages" in page
    assert "Number 0." in shown(declans, callum, f"messages/?since={said[0].pk}")


def test_pages_cost_the_same_however_much_was_said(
    declans: Client, hannah: Member, priya: Member, declan: AgencyUser, callum: Person
) -> None:
    def cost() -> list[int]:
        costs = []
        for part in ("", "messages/"):
            with CaptureQueriesContext(connection) as asked:
                assert declans.get(address(callum, part)).status_code == 200
            costs.append(len(asked))
        return costs

    for who in (hannah, declan):
        say(who, Talk(callum, declan), "Hello", File("a.pdf", "application/pdf", b"%PDF"))
    say(hannah, Talk(callum, declan, hannah))
    before = cost()
    for _ in range(4):
        say(priya, Talk(callum, declan, priya))
        say(declan, Talk(callum, declan), "Hello", File("a.pdf", "application/pdf", b"%PDF"))
    assert cost() == before
