"""Templates with files: stored once, and never taken from what was sent."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from candidly.actions import attachments, conversations, outgoing, templates
from candidly.actions.errors import Refused
from candidly.envelope import Outgoing
from candidly.models import Attachment, CustomField, Delivery, Member, Message, Person, Template
from tests.support import own_fields

pytestmark = pytest.mark.django_db

type CaptureOnCommit = Callable[..., AbstractContextManager[list[Callable[[], object]]]]


def with_file(member: Member, content: bytes = b"%PDF rota") -> Template:
    file = attachments.keep(member, "rota.pdf", "application/pdf", BytesIO(content))
    return templates.save(member, None, templates.Content(name="Ward visit", body="Come"), attached=[file])


def send(member: Member, person: Person, template: Template) -> Message:
    files = attachments.copies_of(member, template)
    return conversations.start(member, person, subject="Visit", text="Come", attachments=files)


def sent_files(message: Message) -> list[bytes]:
    [mail] = outgoing.build(list(Delivery.objects.filter(message=message).values_list("pk", flat=True)))
    assert isinstance(mail, Outgoing)
    return [file.content for file in mail.files]


def paths() -> set[str]:
    return {attachment.file.path for attachment in Attachment.objects.all()}


def test_messages_share_the_bytes_of_their_template(
    hannah: Member, priya: Member, amara: Person, kwame: Person
) -> None:
    template = with_file(hannah)
    messages = [send(hannah, amara, template), send(priya, kwame, template)]
    assert [sent_files(message) for message in messages] == [[b"%PDF rota"]] * 2
    assert len(paths()) == 1
    assert template.attachments.count() == 1


def test_what_was_sent_keeps_its_file_when_the_template_goes(
    hannah: Member, amara: Person, django_capture_on_commit_callbacks: CaptureOnCommit
) -> None:
    template = with_file(hannah)
    message = send(hannah, amara, template)
    templates.delete(hannah, template)
    with django_capture_on_commit_callbacks(execute=True):
        templates.discard_deleted(older_than=timedelta(0))
    assert not Template.objects.exists()
    assert sent_files(message) == [b"%PDF rota"]


def test_a_file_that_nothing_uses_any_more_is_removed(
    hannah: Member, django_capture_on_commit_callbacks: CaptureOnCommit
) -> None:
    template = with_file(hannah)
    [path] = paths()
    templates.delete(hannah, template)
    templates.discard_deleted()
    assert Path(path).exists()  # it can still be brought back
    with django_capture_on_commit_callbacks(execute=True):
        templates.discard_deleted(older_than=timedelta(0))
    assert not Path(path).exists()


def test_the_files_of_a_template_are_not_taken_for_forgotten_ones(hannah: Member) -> None:
    template = with_file(hannah)
    attachments.copies_of(hannah, template)
    attachments.discard_forgotten(older_than=timedelta(0))
    assert Attachment.objects.get().template == template


def test_a_file_that_another_attached_meanwhile_stays(hannah: Member, priya: Member) -> None:
    template = with_file(hannah)
    more = attachments.keep(priya, "map.pdf", "application/pdf", BytesIO(b"%PDF map"))
    templates.save(priya, template, templates.Content(name="Ward visit", body="Come"), attached=[more])
    templates.save(hannah, template, templates.Content(name="Ward visit", body="Do come"))
    assert [file.name for file in template.attachments.order_by("pk")] == ["rota.pdf", "map.pdf"]


def test_a_template_from_before_there_were_versions_keeps_what_it_said(hannah: Member, priya: Member) -> None:
    old = Template.objects.create(organization=hannah.organization, owner=hannah, name="Old", body="Before")
    templates.save(priya, old, templates.Content(name="Old", body="After"))
    said = old.versions.order_by("pk").values_list("body", "saved_by__user__name")
    assert list(said) == [("Before", "Hannah Whitlock"), ("After", "Priya Nair")]


def test_a_text_whose_field_is_gone_is_not_restored(hannah: Member, amara: Person) -> None:
    own_fields.have(amara, shoe="42")
    template = templates.save(hannah, None, templates.Content(name="Shoes", body="Size {{custom.shoe}}"))
    templates.save(hannah, template, templates.Content(name="Shoes", body="No size"))
    CustomField.objects.all().delete()
    with pytest.raises(Refused, match="Unknown field"):
        templates.restore(hannah, template.versions.earliest("pk"))
