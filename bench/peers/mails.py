"""The measurements' mail as a Django template says it, and to whom it goes."""

import re
from collections.abc import Iterator

from django.template import Context, Template
from django.utils.html import strip_tags

from bench import texts


def as_template(text: str) -> str:
    return re.sub(r"\{\{(\w+)(?:\|(\w+))?\}\}", r"{{ \1 }}", text)


def mails(number: int) -> Iterator[tuple[str, str, str, str]]:
    """Address, subject, text and HTML of each."""
    subject, body = Template(as_template(texts.SUBJECT)), Template(as_template(texts.BODY))
    for place in range(number):
        values = Context(
            {
                "first_name": f"Małgorzata {place}",
                "last_name": "Żółkiewski",
                "sender_name": "Hannah Whitlock",
                "organization_name": "Northlane Care",
            }
        )
        html = body.render(values)
        yield f"candidate.{place}@mail.example", subject.render(values), strip_tags(html.replace("</p>", "\n\n")), html
