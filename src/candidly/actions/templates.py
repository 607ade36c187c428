"""Keep the texts that members start from."""

from django.db import transaction
from django.utils import timezone

from candidly.actions.errors import Refused
from candidly.actions.merge_html import sanitized
from candidly.models import Member, Template
from candidly.rules import access
from candidly.rules.merge_fields import compile_text, custom_keys


@transaction.atomic
def save(
    member: Member,
    template: Template | None,
    *,
    name: str,
    subject: str = "",
    body: str = "",
    is_html: bool = False,
    is_shared: bool = True,
    for_candidates: bool = True,
) -> Template:
    """Write a new template, or change `template`. HTML is kept sanitised.

    Raises Refused for a name that is missing or taken, an empty text, and merge fields that do not exist.
    """
    _check_may_change(member, template)
    name, subject = " ".join(name.split()), subject.strip()
    _check_name(member, template, name)
    if not body.strip():
        raise Refused("Write the content first.", field="body")
    _check_fields(member, subject=subject, body=body)
    template = template or Template(organization_id=member.organization_id, owner=member)
    template.name, template.subject = name, subject
    template.body = sanitized(body) if is_html else body
    template.is_html, template.is_shared, template.for_candidates = (
        is_html,
        is_shared,
        for_candidates,
    )
    if not is_shared:
        template.owner = member
    template.updated_at = timezone.now()
    template.save()
    return template


def delete(member: Member, template: Template) -> None:
    """Take the template away; what was sent from it stays. Raises Refused for a reader."""
    _check_may_change(member, template)
    template.delete()


def _check_may_change(member: Member, template: Template | None) -> None:
    if not access.may_write(member):
        raise Refused("Your role is read-only: ask a super admin if you need to change templates.")
    if template and not access.templates_for(member).filter(pk=template.pk).exists():
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


def _check_fields(member: Member, **texts: str) -> None:
    for field, text in texts.items():
        compiled = compile_text(text)
        if problems := compiled.problems(custom_keys(member.organization_id, compiled.names)):
            raise Refused(" ".join(problems), field=field)
