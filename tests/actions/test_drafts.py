"""Drafts on the server: what is kept, who wins, and what is never lost."""

from io import BytesIO

import pytest

from candidly.actions import composing, conversations, drafts, scheduled
from candidly.actions.attachments import keep as keep_file
from candidly.actions.drafts import Place, version_of
from candidly.actions.errors import Refused
from candidly.actions.scheduled import Words
from candidly.models import Conversation, KeptDraft, Member, Person, ScheduledMessage

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(hannah: Member, amara: Person) -> Place:
    return Place(conversation=begun(hannah, amara), person=amara)


def begun(member: Member, person: Person) -> Conversation:
    return conversations.start(member, person, subject="Interview", text="Tuesday?").conversation


def test_the_same_page_goes_on_with_its_own_draft(hannah: Member, place: Place) -> None:
    first = drafts.keep(hannah, place, {"text": "Dear"})
    second = drafts.keep(hannah, place, {"text": "Dear Amara"}, version=version_of(first))
    assert second is not None
    assert second.fields == {"text": "Dear Amara"}
    assert KeptDraft.objects.count() == 1


def test_of_two_pages_the_newer_one_wins_and_the_other_words_stay_beside(hannah: Member, place: Place) -> None:
    drafts.keep(hannah, place, {"text": "From the laptop"})
    kept = drafts.keep(hannah, place, {"text": "From the phone"})
    assert kept is not None
    assert kept.fields == {"text": "From the phone", "other": "From the laptop"}
    kept = drafts.keep(hannah, place, {"text": "From the phone, too"}, version=version_of(kept))
    assert kept is not None
    assert kept.fields["other"] == "From the laptop"
    kept = drafts.keep(hannah, place, {"text": "Both"}, version=version_of(kept), is_settled=True)
    assert kept is not None
    assert kept.fields == {"text": "Both"}


def test_emptiness_ends_the_pages_own_draft_and_never_anothers(hannah: Member, place: Place) -> None:
    own = drafts.keep(hannah, place, {"text": "Dear"})
    assert drafts.keep(hannah, place, {"text": " ", "channels": ["sms"]}, version="older") == own
    assert drafts.keep(hannah, place, {"text": " "}, version=version_of(own)) is None
    assert not KeptDraft.objects.exists()


def test_a_late_draft_of_what_was_sent_meanwhile_is_not_kept(hannah: Member, amara: Person, place: Place) -> None:
    drafts.keep(hannah, place, {"text": "Yes"})
    composing.send(hannah, amara, Words(text="Yes", send_key="k1"), conversation=place.conversation)
    assert not KeptDraft.objects.exists()
    assert drafts.keep(hannah, place, {"text": "Yes"}, send_key="k1") is None
    assert not KeptDraft.objects.exists()


def test_files_stay_with_the_draft_and_go_with_the_message(hannah: Member, amara: Person, place: Place) -> None:
    file = keep_file(hannah, "rota.pdf", "application/pdf", BytesIO(b"%PDF"))
    kept = drafts.keep(hannah, place, {"text": "The rota"}, [file])
    assert kept is not None
    assert list(kept.attachments.all()) == [file]
    words = Words(text="The rota", attachments=[file])
    composing.send(hannah, amara, words, conversation=place.conversation)
    file.refresh_from_db()
    assert (file.draft, file.message) == (None, place.conversation.messages.latest("pk"))  # type: ignore[union-attr]


def test_what_is_refused_keeps_its_draft(hannah: Member, amara: Person, place: Place) -> None:
    drafts.keep(hannah, place, {"text": "Yes"})
    with pytest.raises(Refused):
        composing.send(hannah, amara, Words(text="Yes", channels=()), conversation=place.conversation)
    assert KeptDraft.objects.get().fields == {"text": "Yes"}


def test_what_is_undone_comes_back_before_what_was_begun_since(hannah: Member, amara: Person, place: Place) -> None:
    hannah.undo_seconds = 10
    file = keep_file(hannah, "rota.pdf", "application/pdf", BytesIO(b"%PDF"))
    words = Words(text="First", attachments=[file], send_key="k1")
    waiting = composing.send(hannah, amara, words, conversation=place.conversation)
    assert not KeptDraft.objects.exists()
    drafts.keep(hannah, place, {"text": "Second", "channels": ["app"]})
    assert isinstance(waiting, ScheduledMessage)
    scheduled.cancel(hannah, waiting)
    kept = KeptDraft.objects.get()
    assert kept.fields == {"text": "First\n\nSecond", "channels": ["app"]}
    assert list(kept.attachments.all()) == [file]


def test_a_form_that_was_undone_can_be_sent_again(hannah: Member, amara: Person, place: Place) -> None:
    hannah.undo_seconds = 10
    words = Words(text="First", send_key="k1")
    one = composing.send(hannah, amara, words, conversation=place.conversation)
    assert one == composing.send(hannah, amara, words, conversation=place.conversation)
    assert isinstance(one, ScheduledMessage)
    scheduled.cancel(hannah, one)
    assert composing.send(hannah, amara, words, conversation=place.conversation) != one
