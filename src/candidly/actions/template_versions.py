"""What a template says and once said. The newest version is the present text."""

from collections.abc import Iterator
from contextlib import contextmanager

from candidly.models import Member, Template, TemplateVersion


@contextmanager
def keeping(template: Template, member: Member) -> Iterator[None]:
    """Around a change that the caller saves, in its transaction: a changed text is a new version, by `member`.

    A template whose text has never changed has no version yet; what it said is then kept first.
    """
    before = _text(template) if template.pk else None
    wrote, at = template.updated_by or template.owner, template.updated_at
    yield
    if _text(template) == before:
        return
    if before and not template.versions.exists():
        TemplateVersion.objects.create(template=template, saved_by=wrote, saved_at=at, **before)
    TemplateVersion.objects.create(template=template, saved_by=member, saved_at=template.updated_at, **_text(template))


def _text(template: Template) -> dict[str, object]:
    return {"subject": template.subject, "body": template.body, "is_html": template.is_html}
