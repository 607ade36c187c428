"""Formatted mail: its HTML in a frame that can do nothing, with a content policy of its own."""

import base64
import re
from html import unescape
from urllib.parse import unquote

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.csp import CSP, build_policy
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from candidly.mail.sanitize import block_remote_images, sanitize
from candidly.models import Message
from candidly.rules.access import messages_for
from candidly.web.inbox.attachments import picture_type
from candidly.web.shell.request import MemberRequest

SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
INLINE_MAX_BYTES = 5_000_000  # of pictures put into one page; larger ones stay among the attachments

_CID = re.compile(r' src="cid:([^"]+)"', re.IGNORECASE)


@require_GET
def message_formatted(request: MemberRequest, pk: int) -> HttpResponse:
    """The frame, as large as the message needs, and what was kept from loading in it."""
    message = get_object_or_404(messages_for(request.member), pk=pk)
    _, blocked = block_remote_images(message.html)
    context = {"message": message, "blocked": blocked, "images": "images" in request.GET, "size": _size(message)}
    return render(request, "inbox/formatted.html", context)


@require_GET
def message_html(request: MemberRequest, pk: int) -> HttpResponse:
    """The document of the frame. Nothing is loaded from elsewhere unless `images` is asked for."""
    message = get_object_or_404(messages_for(request.member), pk=pk)
    images = "images" in request.GET
    safe = sanitize(message.html) if images else block_remote_images(message.html)[0]
    body = mark_safe(_with_pictures(safe, message))  # noqa: S308 - sanitised in the line above
    response = render(request, "inbox/mail.html", {"body": body})
    response.headers["Content-Security-Policy"] = _policy(images)
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_GET
def message_text(request: MemberRequest, pk: int) -> HttpResponse:
    """The whole text of a message too long to show in the conversation."""
    message = get_object_or_404(messages_for(request.member), pk=pk)
    whole = "\n\n".join(part for part in (message.text, message.quoted) if part)
    response = HttpResponse(whole, content_type="text/plain; charset=utf-8")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _policy(images: bool) -> str:
    sources = ["data:", "https:", "http:"] if images else ["data:"]
    return build_policy(
        {
            "default-src": [CSP.NONE],
            "style-src": [CSP.UNSAFE_INLINE],
            "img-src": sources,
            "base-uri": [CSP.NONE],
            "form-action": [CSP.NONE],
            "frame-ancestors": [CSP.SELF],
            "sandbox": SANDBOX.split(),
        }
    )


def _with_pictures(html: str, message: Message) -> str:
    """`html` with the mail's own pictures in place of their `cid:` addresses (RFC 2392).

    They go into the document itself, because a sandboxed frame sends no cookies and so could not fetch them.
    """
    pictures: dict[str, str] = {}
    room = INLINE_MAX_BYTES
    if _CID.search(html):
        for file in message.attachments.exclude(content_id="").order_by("pk"):
            kind = picture_type(file)
            if kind and file.size <= room:
                room -= file.size
                with file.file.open("rb") as stream:
                    pictures[file.content_id] = f"data:{kind};base64,{base64.b64encode(stream.read()).decode()}"
    return _CID.sub(lambda match: f' src="{pictures.get(_content_id(match[1]), "")}"', html)


def _content_id(address: str) -> str:
    return unquote(unescape(address))


def _size(message: Message) -> str:
    """About how tall the frame must be: it cannot be measured from outside, and that is what keeps it safe."""
    lines = sum(1 + len(line) // 70 for line in message.text.splitlines()) + 4 * message.html.lower().count("<img")
    return "sm" if lines < 10 else "md" if lines < 28 else "lg"
