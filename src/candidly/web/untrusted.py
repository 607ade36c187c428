"""Giving out what came by mail without trusting it: HTML for a frame of its own, files as downloads."""

import base64
import re
from html import unescape
from urllib.parse import unquote

from django.http import HttpResponse
from django.utils.csp import CSP, build_policy
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe

from candidly.envelope import File, Incoming
from candidly.mail.sanitize import block_remote_images

#: Nothing runs, and nothing is loaded from anywhere: remote images stay away.
_POLICY = build_policy(
    {
        "default-src": [CSP.NONE],
        "style-src": [CSP.UNSAFE_INLINE],
        "img-src": ["data:"],
        "form-action": [CSP.NONE],
        "base-uri": [CSP.NONE],
        "frame-ancestors": [CSP.SELF],
        "sandbox": "allow-popups allow-popups-to-escape-sandbox",
    }
)
_DOCUMENT = """<!doctype html>
<html><head><meta charset="utf-8"><title>Mail</title>
<style>
body {{ margin: 16px; font: 14px/1.5 system-ui, sans-serif; color: #222; background: #fff; overflow-wrap: anywhere }}
img {{ max-width: 100% }}
</style></head><body>{}</body></html>"""
_CID = re.compile(r' src="cid:([^"]+)"', re.IGNORECASE)
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_PICTURE_BYTES = 5_000_000  # of all pictures in a page; larger ones stay among the attachments


def framed(mail: Incoming) -> HttpResponse:
    """The mail's HTML as a page for an iframe with the `sandbox` attribute; links open outside the frame."""
    safe, _ = block_remote_images(mail.html)
    body = mark_safe(_with_pictures(safe, mail.files))  # noqa: S308  # sanitised in the line above
    response = HttpResponse(format_html(_DOCUMENT, body))
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _with_pictures(html: str, files: tuple[File, ...]) -> str:
    """`html` with the mail's own pictures in place of their `cid:` addresses (RFC 2392)."""
    pictures: dict[str, str] = {}
    room = _PICTURE_BYTES
    for file in files:
        if file.content_id and file.content_type in _PICTURES and len(file.content) <= room:
            room -= len(file.content)
            pictures[file.content_id] = f"data:{file.content_type};base64,{base64.b64encode(file.content).decode()}"
    return _CID.sub(lambda match: f' src="{pictures.get(unquote(unescape(match[1])), "")}"', html)


def download(content: bytes, name: str) -> HttpResponse:
    """A file that the browser saves and never shows."""
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
