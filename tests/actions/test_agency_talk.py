"""What is said between members and agency users: who hears it, who may say it, and what deleting leaves."""

from collections.abc import Callable
from io import BytesIO

import pytest

from candidly.actions import agencies, agency_talk, attachments
from candidly.actions.agency_talk import Words
from candidly.actions.errors import Refused
from candidly.envelope import File
from candidly.models import (
    Agency,
    AgencyMessage,
    AgencyReplyAddress,
    AgencyThread,
    AgencyUser,
    Attachment,
    AuditEvent,
    Delivery,
    LiveEvent,
    Member,
    Notice,
    Organization,
    Person,
    Role,
)
from candidly.rules import agency_access, mail_identity
from candidly.rules.agencies import Speaker, Talk, audience_of, private_partners_of
from tests.conftest import join


def say(speaker: Speaker, talk: Talk, text: str = "Hello", send_key: str = "") -> AgencyMessage:
    """To exactly those who would see it."""
    return agency_talk.say(speaker, talk, Words(text, drawn=audience_of(talk).mark, send_key=send_key))


def told(message: AgencyMessage) -> set[str]:
    """To whom a mail about it goes."""
    return set(Notice.objects.filter(agency_message=message).values_list("to_address", flat=True))


def test_either_side_begins_and_both_write_in_one_thread(hannah: Member, declan: AgencyUser, esra: Person) -> None:
    talk = Talk(esra, declan)
    first = say(declan, talk)
    second = say(hannah, talk)
    assert first.thread == second.thread
    assert (first.from_agency, second.from_agency) == (True, False)


def test_the_audience_are_the_members_with_access_and_one_agency_user(
    hannah: Member, marcus: Member, ruth: Member, omar: Member,
    declan: AgencyUser, bridget: AgencyUser, esra: Person, callum: Person,
) -> None:  # fmt: skip
    assert audience_of(Talk(esra, declan)).beside(hannah) == [declan, marcus, ruth]
    assert audience_of(Talk(callum, declan)).beside(declan) == [hannah, ruth]
    assert audience_of(Talk(esra, declan, hannah)).beside(hannah) == [declan]


def test_a_send_is_refused_when_the_audience_has_grown_since_the_page_was_drawn(
    northlane: Organization, hannah: Member, declan: AgencyUser, esra: Person
) -> None:
    talk = Talk(esra, declan)
    drawn = audience_of(talk).mark
    join(northlane, "Ines Roth", Role.RECRUITER)
    with pytest.raises(Refused, match="Ines Roth would see this too") as refused:
        agency_talk.say(declan, talk, Words("Between us", drawn=drawn))
    assert refused.value.field == "audience"
    assert not AgencyMessage.objects.exists()
    say(declan, talk, "To all of you")


def test_a_smaller_audience_is_no_reason_to_refuse(
    hannah: Member, priya: Member, declan: AgencyUser, esra: Person
) -> None:
    talk = Talk(esra, declan)
    drawn = audience_of(talk).mark
    priya.user.is_active = False
    priya.user.save()
    assert agency_talk.say(declan, talk, Words("Hello", drawn=drawn)).text == "Hello"


def test_a_form_that_is_sent_twice_says_it_once(hannah: Member, declan: AgencyUser, esra: Person) -> None:
    talk = Talk(esra, declan)
    assert say(declan, talk, send_key="k1") == say(declan, talk, send_key="k1")
    assert AgencyMessage.objects.count() == 1


def test_an_agency_user_writes_privately_to_the_present_stage_owner_and_to_no_other(
    hannah: Member, priya: Member, sofia: Member, declan: AgencyUser, callum: Person
) -> None:
    assert private_partners_of(declan, callum) == [hannah]
    say(declan, Talk(callum, declan, hannah))
    for other in (priya, sofia):
        with pytest.raises(Refused, match="cannot write privately"):
            say(declan, Talk(callum, declan, other))


def test_who_wrote_privately_before_is_answered_privately_also_when_the_stage_owner_changes(
    hannah: Member, priya: Member, declan: AgencyUser, callum: Person
) -> None:
    old = say(hannah, Talk(callum, declan, hannah)).thread
    callum.applications.update(stage_owner=priya)
    assert private_partners_of(declan, callum) == [priya, hannah]
    assert say(declan, Talk(callum, declan, hannah)).thread == old
    assert old not in agency_access.agency_threads_for(priya)


def test_who_was_stage_owner_and_never_wrote_is_not_written_to_privately_any_more(
    hannah: Member, priya: Member, declan: AgencyUser, callum: Person
) -> None:
    say(declan, Talk(callum, declan, hannah))
    callum.applications.update(stage_owner=priya)
    with pytest.raises(Refused, match="cannot write privately"):
        say(declan, Talk(callum, declan, hannah))


def test_who_may_not_speak_is_told_why(
    hannah: Member, marcus: Member, ruth: Member, omar: Member, meridian: Agency,
    declan: AgencyUser, bridget: AgencyUser, tomos: AgencyUser, callum: Person, amara: Person,
) -> None:  # fmt: skip
    refusals: list[tuple[Speaker, Talk, str]] = [
        (ruth, Talk(callum, declan), "read-only"),
        (marcus, Talk(callum, declan), "no longer see this candidate"),
        (omar, Talk(callum, declan), "no longer see this candidate"),
        (hannah, Talk(callum, declan, marcus), "private to somebody else"),
        (hannah, Talk(callum, bridget), "no longer has access"),
        (hannah, Talk(amara, declan), "no longer has access"),
        (bridget, Talk(callum, bridget), "no longer have access"),
        (bridget, Talk(callum, declan), "no longer have access"),
        (tomos, Talk(callum, declan), "no longer have access"),
        (hannah, Talk(callum, declan), "Write a message first"),
    ]
    for speaker, talk, words in refusals:
        with pytest.raises(Refused, match=words):
            say(speaker, talk, " ")
    agencies.close(hannah, meridian)
    with pytest.raises(Refused, match="no longer has access"):
        say(hannah, Talk(callum, declan))
    assert not AgencyThread.objects.exists()


def test_mail_goes_to_the_other_side_and_there_to_those_who_take_part(
    hannah: Member, priya: Member, sofia: Member, declan: AgencyUser, callum: Person
) -> None:
    talk = Talk(callum, declan)
    assert told(say(declan, talk)) == {hannah.email}
    assert told(say(priya, talk)) == {declan.email}
    assert told(say(declan, talk)) == {hannah.email, priya.email}
    assert told(say(declan, Talk(callum, declan, hannah))) == {hannah.email}
    assert told(say(sofia, Talk(callum, declan, sofia))) == {declan.email}


def test_an_agency_user_who_wants_no_mail_gets_none(hannah: Member, declan: AgencyUser, callum: Person) -> None:
    agencies.update_profile(declan, name=" Declan  O’Farrell", wants_alerts=False)
    assert told(say(hannah, Talk(callum, declan))) == set()
    declan.user.refresh_from_db()
    assert declan.name == "Declan O’Farrell"


def test_where_nobody_takes_part_yet_who_invited_the_agency_user_hears(
    hannah: Member, sofia: Member, declan: AgencyUser, esra: Person
) -> None:
    declan.invited_by = sofia
    declan.save()
    assert told(say(declan, Talk(esra, declan))) == {sofia.email}


def test_an_alert_names_who_will_see_the_answer_and_its_address_knows_them(
    hannah: Member, ruth: Member, declan: AgencyUser, callum: Person
) -> None:
    talk = Talk(callum, declan)
    notice = Notice.objects.get(agency_message=say(hannah, talk, "When can he start?"))
    assert "When can he start?" in notice.text
    assert "Hannah Whitlock and Ruth Adeyemi will see it" in notice.text
    address = AgencyReplyAddress.objects.get(token=mail_identity.token_in(notice.reply_to))
    assert address.user == declan.user
    assert address.audience == sorted(audience_of(talk).users)


def test_reading_takes_the_dot_away_for_that_reader_alone(
    hannah: Member, priya: Member, declan: AgencyUser, callum: Person
) -> None:
    def dots() -> list[str]:
        of_members = [m.name for m in (hannah, priya) if unread(m.user, agency_access.agency_threads_for(m))]
        return of_members + (["Declan"] if unread(declan.user, agency_access.agency_threads_of(declan)) else [])

    unread = agency_access.unread_for
    message = say(declan, Talk(callum, declan))
    assert dots() == ["Hannah Whitlock", "Priya Nair"]
    assert agency_talk.read(hannah, message.thread, message.pk)
    assert not agency_talk.read(hannah, message.thread, message.pk)
    assert dots() == ["Priya Nair"]
    say(hannah, Talk(callum, declan))
    assert dots() == ["Priya Nair", "Declan"]


@pytest.fixture
def deleted(hannah: Member, declan: AgencyUser, callum: Person) -> AgencyMessage:
    """Hannah's, with a file of hers and a reply of Declan's beneath it."""
    talk = Talk(callum, declan)
    file = attachments.keep(hannah, "rates.pdf", "application/pdf", BytesIO(b"%PDF-1.7 rates"))
    message = agency_talk.say(
        hannah, talk, Words("Our ceiling is 42", drawn=audience_of(talk).mark, attachments=[file])
    )
    say(declan, talk, "Noted")
    agency_talk.delete(hannah, message)
    return message


def test_a_deleted_message_leaves_a_tombstone_and_nothing_that_was_in_it(
    deleted: AgencyMessage, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    deleted.refresh_from_db()
    assert deleted.deleted_at is not None
    assert deleted.text == ""
    assert not Attachment.objects.filter(name="rates.pdf").exists()
    notice = Notice.objects.get(agency_message=deleted)
    assert "ceiling" not in notice.text
    assert notice.deliveries.get().state == Delivery.State.CANCELLED
    event = AuditEvent.objects.get(verb="agency.message_deleted")
    assert (event.member_name, event.details) == ("Hannah Whitlock", {"name": "Callum Byrne"})
    assert [message.text for message in deleted.thread.messages.order_by("pk")] == ["", "Noted"]


def test_the_bytes_of_a_deleted_file_are_gone_from_the_disk(
    hannah: Member, declan: AgencyUser, callum: Person, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    talk = Talk(callum, declan)
    words = Words("", drawn=audience_of(talk).mark, files=[File("rates.pdf", "application/pdf", b"%PDF-1.7 rates")])
    message = agency_talk.say(declan, talk, words)
    stored = message.attachments.get().file
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        agency_talk.delete(declan, message)
    assert not stored.storage.exists(str(stored.name))


def test_only_the_author_deletes_and_deleting_twice_is_one_event(
    deleted: AgencyMessage, hannah: Member, sofia: Member, declan: AgencyUser
) -> None:
    for other in (sofia, declan):
        with pytest.raises(Refused, match="Only who wrote"):
            agency_talk.delete(other, deleted)
    agency_talk.delete(hannah, deleted)
    assert AuditEvent.objects.filter(verb="agency.message_deleted").count() == 1


def test_of_a_private_message_only_the_pages_of_the_two_hear(
    hannah: Member, priya: Member, declan: AgencyUser, callum: Person
) -> None:
    say(hannah, Talk(callum, declan, hannah))
    said = LiveEvent.objects.filter(name="agency")
    assert set(said.values_list("topic", flat=True)) == {f"agency-user:{declan.pk}", f"member:{hannah.pk}"}
    say(hannah, Talk(callum, declan))
    assert f"agency-talk:{callum.pk}" in set(said.values_list("topic", flat=True))
