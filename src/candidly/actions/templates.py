"""Keep the texts that members start from."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from candidly.actions import template_versions
from candidly.actions.attachments import copies_of, discard
from candidly.actions.audit import note
from candidly.actions.errors import Refused
from candidly.actions.merge_html import sanitized
from candidly.mail.house_style import with_own_sheets
from candidly.models import AddressRule, Attachment, Member, Place, Template, TemplateVersion
from candidly.rules import access
from candidly.rules.merge_fields import compile_text, custom_keys

LONGEST_NAME = 120
KEPT_DELETED = timedelta(days=30)


class ChangedMeanwhile(Refused):
    """Somebody saved or deleted the template since the member opened it; `template` is how it stands now."""

    def __init__(self, member: Member, template: Template) -> None:
        super().__init__(_what_happened(member, template))
        self.template = template


@dataclass(frozen=True)
class Content:
    """What a member writes of a template, and where it is offered."""

    name: str
    subject: str = ""
    body: str = ""
    is_html: bool = False
    is_shared: bool = True
    places: Collection[Place] = (Place.CANDIDATES,)
    address_rule: str = AddressRule.DEFAULT
    falls_back: bool = True

    @classmethod
    def of(cls, template: Template) -> "Content":
        return cls(**{field.name: getattr(template, field.name) for field in fields(cls)})


@transaction.atomic
def save(
    member: Member,
    template: Template | None,
    content: Content,
    *,
    attached: Iterable[Attachment] = (),
    detached: Iterable[Attachment] = (),
    seen: datetime | None = None,
) -> Template:
    """Write a new template, or change `template`; what it said before is kept as a version. HTML is kept sanitised.

    `seen` is `updated_at` as the member saw it; None saves over whatever happened meanwhile. Raises ChangedMeanwhile,
    and Refused for a name that is missing or taken, an empty text, and merge fields that do not exist.
    """
    _check_may_change(member, template)
    content = replace(content, name=" ".join(content.name.split()), subject=content.subject.strip())
    _check_name(member, template, content.name)
    _check_text(member, content)
    is_new = template is None
    template = _locked(member, template, seen)
    with template_versions.keeping(template, member):
        _write(template, content)
        template.owner = template.owner if content.is_shared else member
        template.updated_at, template.updated_by, template.deleted_at = timezone.now(), member, None
        template.save()
    _change_files(member, template, attached, detached)
    _note(member, "created" if is_new else "saved", template)
    return template


def _locked(member: Member, template: Template | None, seen: datetime | None) -> Template:
    if template is None:
        return Template(organization_id=member.organization_id, owner=member)
    locked = Template.objects.select_for_update().get(pk=template.pk)
    if seen and locked.updated_at != seen:
        raise ChangedMeanwhile(member, locked)
    return locked


def _write(template: Template, content: Content) -> None:
    template.name, template.subject = content.name, content.subject
    template.body = sanitized(with_own_sheets(content.body)) if content.is_html else content.body
    template.is_html, template.is_shared = content.is_html, content.is_shared
    template.address_rule, template.falls_back = content.address_rule, content.falls_back
    for place in Place:
        setattr(template, place.value, place in content.places)


def _change_files(
    member: Member, template: Template, attached: Iterable[Attachment], detached: Iterable[Attachment]
) -> None:
    """Files that another member attached meanwhile stay."""
    own = {"uploaded_by": member, "message": None, "mailing": None, "template": None}
    Attachment.objects.filter(**own, pk__in=[file.pk for file in attached]).update(template=template)
    for file in detached:
        discard(template.attachments.all(), file)


def restore(member: Member, version: TemplateVersion) -> Template:
    """Let the template say again what it said then; what it says now stays as a version. Raises Refused."""
    now = Content.of(version.template)
    then = replace(now, subject=version.subject, body=version.body, is_html=version.is_html)
    return save(member, version.template, then)


def duplicate(member: Member, template: Template) -> Template:
    """A copy that is the member's, with the same files. Raises Refused for a reader."""
    content = replace(Content.of(template), name=_free_name(member, template.name))
    with transaction.atomic():
        return save(member, None, content, attached=copies_of(member, template))


def _free_name(member: Member, name: str) -> str:
    """“Ward visit (copy)”, “Ward visit (copy 2)” …"""
    taken = set(access.templates_for(member).values_list("name", flat=True))
    number = 1
    while True:
        ending = " (copy)" if number == 1 else f" (copy {number})"
        wanted = name[: LONGEST_NAME - len(ending)] + ending
        if wanted not in taken:
            return wanted
        number += 1


@transaction.atomic
def delete(member: Member, template: Template) -> None:
    """Take the template away; for a month it can be brought back. What was sent from it stays. Raises Refused for a
    reader."""
    _check_may_change(member, template)
    now = timezone.now()
    there = Template.objects.filter(pk=template.pk, deleted_at=None)
    if there.update(deleted_at=now, updated_at=now, updated_by=member):
        _note(member, "deleted", template)


@transaction.atomic
def bring_back(member: Member, template: Template) -> None:
    """Undo `delete`. Raises Refused when another has its name by now."""
    _check_may_change(member, template)
    _check_name(member, template, template.name)
    gone = Template.objects.filter(pk=template.pk).exclude(deleted_at=None)
    if gone.update(deleted_at=None, updated_at=timezone.now()):
        _note(member, "restored", template)


def _note(member: Member, did: str, template: Template) -> None:
    note(member, f"template.{did}", f"template {template.pk}", name=template.name)


def discard_deleted(older_than: timedelta = KEPT_DELETED) -> None:
    """Remove templates that were deleted long ago, with their files and versions, some at a time."""
    gone = Template.objects.filter(deleted_at__lt=timezone.now() - older_than)
    for template in gone.order_by("deleted_at")[:20]:
        with transaction.atomic():
            if not gone.select_for_update().filter(pk=template.pk).exists():
                continue
            for file in template.attachments.all():
                discard(template.attachments.all(), file)
            template.delete()


def _what_happened(member: Member, template: Template) -> str:
    who = template.updated_by
    name = "Somebody" if who is None else "You" if who == member else who.name.partition(" ")[0]
    did = "deleted" if template.deleted_at else "changed"
    moment = timezone.localtime(template.updated_at)
    is_today = moment.date() == timezone.localdate()
    at = f"{moment:%H:%M}" if is_today else f"{moment:%H:%M} on {moment.day} {moment:%B}"
    return f"{name} {did} this template at {at} while you were editing{' here' if who == member else ''}."


def _check_may_change(member: Member, template: Template | None) -> None:
    if not access.may_write(member):
        raise Refused("Your role is read-only: ask a super admin if you need to change templates.")
    if template and not access.all_templates_for(member).filter(pk=template.pk).exists():
        raise Refused("This template belongs to someone else.")


def _check_name(member: Member, template: Template | None, name: str) -> None:
    if not name:
        raise Refused("Give the template a name.", field="name")
    others = access.templates_for(member).exclude(pk=template.pk if template else 0)
    if others.filter(name__iexact=name).exists():
        raise Refused(
            f"There is already a template called “{name}”. Choose another name.",
            field="name",
        )


def _check_text(member: Member, content: Content) -> None:
    if not content.body.strip():
        raise Refused("Write the content first.", field="body")
    for field in ("subject", "body"):
        compiled = compile_text(getattr(content, field))
        if problems := compiled.problems(custom_keys(member.organization_id)):
            raise Refused(" ".join(problems), field=field)
