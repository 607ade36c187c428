"""The talk with an agency user in the candidate's profile, as members have it."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from candidly.actions import agencies, agency_talk, submitting
from candidly.actions.agency_talk import Words
from candidly.envelope import File
from candidly.models import AgencyMessage, AgencyUser, Attachment, Member, Opening, Organization, Person, Role
from candidly.rules.agencies import Speaker, Talk, audience_of
from tests.conftest import join

pytestmark = pytest.mark.django_db


@pytest.fixture
def hannahs(client_of: Callable[[Member], Client], hannah: Member) -> Client:
    return client_of(hannah)


def say(speaker: Speaker, talk: Talk, text: str = "Hello", *files: File) -> AgencyMessage:
    return agency_talk.say(speaker, talk, Words(text, drawn=audience_of(talk).mark, files=files))


def shown(client: Client, address: str) -> str:
    return client.get(address, headers={"HX-Request": "true"}).content.decode()


def profile(client: Client, person: Person) -> str:
    return client.get(f"/candidates/{person.pk}/").content.decode()


def dialog(person: Person, user: AgencyUser) -> str:
    return f"/candidates/{person.pk}/talk/{user.pk}/"


def write(client: Client, person: Person, user: AgencyUser, **form: str) -> tuple[int, str]:
    """As the dialog's form does it: with the audiences that the dialog drew."""
    drawn = dict(re.findall(r'name="(drawn\w*)" value="([\d,]+)"', shown(client, dialog(person, user))))
    answer = client.post(dialog(person, user), {**drawn, **form}, headers={"HX-Request": "true"})
    return answer.status_code, answer.content.decode()


def test_the_profile_says_who_submitted_the_candidate_and_offers_the_cv(
    hannahs: Client, declan: AgencyUser, icu: Opening
) -> None:
    cv = File("cv.pdf", "application/pdf", b"%PDF-1.7 cv")
    application = submitting.submit(declan, icu, email="esra@mail.example", first_name="Esra", cv=cv)
    page = profile(hannahs, application.person)
    assert "Declan Farrell</bdi>, <bdi>Meridian Locums" in page
    file = Attachment.objects.get(name="cv.pdf")
    assert f"/talk-files/{file.pk}/" in page
    answer = hannahs.get(f"/talk-files/{file.pk}/")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 cv"  # type: ignore[attr-defined]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cv.pdf"'


def test_a_candidate_without_an_agency_has_nothing_of_it(hannahs: Client, amara: Person) -> None:
    assert "Agency messages" not in profile(hannahs, amara)


def test_dot_and_line_stand_on_every_tab_until_that_member_has_read_it(
    client_of: Callable[[Member], Client], hannahs: Client, priya: Member, declan: AgencyUser, callum: Person
) -> None:
    message = say(declan, Talk(callum, declan), "Rate confirmed")
    for tab in ("", "emails/", "messages/", "previous/", "activity/"):
        page = hannahs.get(f"/candidates/{callum.pk}/{tab}").content.decode()
        assert "New message from <bdi>Declan Farrell" in page
        assert 'aria-label="New agency message"' in page
    hannahs.post(f"{dialog(callum, declan)}seen/", {"up_to": message.pk})
    assert "New message from" not in profile(hannahs, callum)
    assert "New message from" in profile(client_of(priya), callum)


def test_an_open_page_gets_dot_line_and_card_afresh(hannahs: Client, declan: AgencyUser, callum: Person) -> None:
    news = f"/candidates/{callum.pk}/talk/?tab=profile"
    assert "New message" not in shown(hannahs, news)
    say(declan, Talk(callum, declan), "Rate confirmed")
    for part in ("New message from", 'id="talk-dot" hx-swap-oob="morph"', 'id="talk-card"', "Rate confirmed"):
        assert part in shown(hannahs, news)


def test_who_will_see_it_stands_above_the_composer_by_name(
    hannahs: Client, marcus: Member, ruth: Member, declan: AgencyUser, esra: Person
) -> None:
    page = " ".join(re.sub("<[^>]+>", "", shown(hannahs, dialog(esra, declan))).split())
    assert "Who will see this: Declan Farrell, Meridian Locums; Marcus Bell; Ruth Adeyemi" in page
    assert "only Declan Farrell, Meridian Locums" in page


def test_a_member_writes_to_all_or_privately(
    client_of: Callable[[Member], Client], hannahs: Client, priya: Member, declan: AgencyUser, callum: Person
) -> None:
    assert write(hannahs, callum, declan, text="The panel liked him")[0] == 200
    assert write(hannahs, callum, declan, text="Our ceiling is 42", private="1")[0] == 200
    assert "Our ceiling is 42" in shown(hannahs, dialog(callum, declan))
    priyas = shown(client_of(priya), dialog(callum, declan))
    assert "The panel liked him" in priyas
    assert "ceiling" not in priyas


def test_after_a_private_message_the_switch_stays_on(hannahs: Client, declan: AgencyUser, callum: Person) -> None:
    write(hannahs, callum, declan, text="For all")
    assert 'name="private" value="1" checked' not in shown(hannahs, dialog(callum, declan))
    write(hannahs, callum, declan, text="Between us", private="1")
    assert 'name="private" value="1" checked' in shown(hannahs, dialog(callum, declan))


def test_when_the_audience_grew_nothing_is_sent_and_the_new_name_is_shown(
    northlane: Organization, hannahs: Client, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    drawn = audience_of(Talk(callum, declan)).mark
    join(northlane, "Ines Roth", Role.RECRUITER)
    answer = hannahs.post(dialog(callum, declan), {"text": "Hello", "drawn": drawn}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "Ines Roth would see this too" in answer.content.decode()
    assert f'value="{audience_of(Talk(callum, declan)).mark}"' in answer.content.decode()
    assert not AgencyMessage.objects.exists()


def test_a_form_without_the_audience_it_was_drawn_for_is_refused(
    hannahs: Client, declan: AgencyUser, callum: Person
) -> None:
    answer = hannahs.post(dialog(callum, declan), {"text": "Hello"}, headers={"HX-Request": "true"})
    assert answer.status_code == 422


def test_files_are_attached_by_the_usual_upload(hannahs: Client, declan: AgencyUser, callum: Person) -> None:
    upload = hannahs.post("/attachments/", {"file": BytesIO(b"%PDF-1.7 rates")})
    assert upload.status_code == 201
    status, page = write(hannahs, callum, declan, attachments=str(upload.json()["id"]), send_key="k")
    assert status == 200
    file = AgencyMessage.objects.get().attachments.get()
    assert f"/talk-files/{file.pk}/" in page
    assert hannahs.get(f"/talk-files/{file.pk}/").status_code == 200
    assert hannahs.get(f"/attachments/{file.pk}/").status_code == 404
    assert write(hannahs, callum, declan, attachments=str(file.pk), send_key="k")[0] == 200
    assert AgencyMessage.objects.count() == 1


def test_a_file_of_a_private_message_is_not_given_to_others(
    client_of: Callable[[Member], Client], hannah: Member, sofia: Member, declan: AgencyUser, callum: Person
) -> None:
    message = say(hannah, Talk(callum, declan, hannah), "", File("rates.pdf", "application/pdf", b"%PDF-1.7"))
    address = f"/talk-files/{message.attachments.get().pk}/"
    assert client_of(hannah).get(address).status_code == 200
    assert client_of(sofia).get(address).status_code == 404


def test_a_deleted_message_leaves_a_tombstone_for_both(
    hannahs: Client, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    file = File("rates.pdf", "application/pdf", b"%PDF-1.7")
    message = say(hannah, Talk(callum, declan), "Our ceiling is 42", file)
    assert "Delete message" in shown(hannahs, dialog(callum, declan))
    page = hannahs.delete(f"/talk-messages/{message.pk}/", headers={"HX-Request": "true"}).content.decode()
    for gone in ("ceiling", "rates.pdf", "Delete message"):
        assert gone not in page
    assert "Message deleted" in page
    assert "ceiling" not in profile(hannahs, callum)


def test_who_only_reads_gets_no_composer_but_the_reason(
    client_of: Callable[[Member], Client], ruth: Member, declan: AgencyUser, callum: Person
) -> None:
    say(declan, Talk(callum, declan), "Rate confirmed")
    page = shown(client_of(ruth), dialog(callum, declan))
    assert "Rate confirmed" in page
    assert "Your role is read-only" in page
    assert 'id="talk-form"' not in page


def test_with_an_agency_user_whose_access_ended_it_can_still_be_read(
    hannahs: Client, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    say(declan, Talk(callum, declan), "Rate confirmed")
    agencies.deactivate(hannah, declan)
    page = shown(hannahs, dialog(callum, declan))
    assert "Rate confirmed" in page
    assert "no longer has access to this candidate" in page


def test_own_messages_say_whether_the_agency_user_has_read_them(
    hannahs: Client, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    message = say(hannah, Talk(callum, declan))
    assert 'data-state="sent"' in shown(hannahs, dialog(callum, declan))
    agency_talk.read(declan, message.thread, message.pk)
    assert 'data-state="read"' in shown(hannahs, dialog(callum, declan))


def test_a_long_talk_is_read_page_by_page_and_stays_unfolded(
    hannahs: Client, hannah: Member, declan: AgencyUser, callum: Person
) -> None:
    said = [say(hannah, Talk(callum, declan, hannah if n % 2 else None), f"Number {n}.") for n in range(60)]
    page = shown(hannahs, dialog(callum, declan))
    assert ("Number 10." in page, "Number 9." in page) == (True, False)
    earlier = shown(hannahs, f"{dialog(callum, declan)}messages/?before={said[10].pk}")
    assert ("Number 10." in earlier, "Number 9." in earlier, "Number 0." in earlier) == (False, True, True)
    assert "Show earlier" not in earlier
    assert "Number 0." in shown(hannahs, f"{dialog(callum, declan)}messages/?since={said[0].pk}")


def test_the_link_in_the_mail_opens_the_dialog_with_the_profile(
    hannahs: Client, declan: AgencyUser, callum: Person
) -> None:
    page = hannahs.get(f"/candidates/{callum.pk}/?agency={declan.pk}").content.decode()
    assert f'hx-get="{dialog(callum, declan)}" hx-trigger="load"' in page
    assert hannahs.get(dialog(callum, declan)).headers["Location"] == f"/candidates/{callum.pk}/?agency={declan.pk}"


def test_pages_cost_the_same_however_much_was_said(
    hannahs: Client, hannah: Member, priya: Member, declan: AgencyUser, callum: Person
) -> None:
    def cost(*addresses: str) -> list[int]:
        costs = []
        for address in addresses:
            with CaptureQueriesContext(connection) as asked:
                assert hannahs.get(address, headers={"HX-Request": "true"}).status_code == 200
            costs.append(len(asked))
        return costs

    pages = (f"/candidates/{callum.pk}/", f"/candidates/{callum.pk}/talk/?tab=profile", dialog(callum, declan))
    for who in (hannah, declan):
        say(who, Talk(callum, declan), "Hello", File("a.pdf", "application/pdf", b"%PDF"))
    before = cost(*pages)
    for _ in range(4):
        say(priya, Talk(callum, declan))
        say(declan, Talk(callum, declan), "Hello", File("a.pdf", "application/pdf", b"%PDF"))
        say(hannah, Talk(callum, declan, hannah))
    after = cost(*pages)
    assert after == before
