"""Files: taken in before a message is sent, and given out to those who may see it."""

from typing import BinaryIO, cast

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.csp import CSP, build_policy
from django.views.decorators.http import require_GET, require_POST

from candidly.actions.attachments import keep
from candidly.actions.errors import Refused
from candidly.models import Attachment
from candidly.rules.access import attachments_for, may_write
from candidly.web.shell.request import MemberRequest

#: Pictures that no browser runs anything of, by how their bytes begin.
PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
POLICY = build_policy(
    {"default-src": [CSP.NONE], "img-src": [CSP.SELF], "frame-ancestors": [CSP.SELF], "sandbox": [""]}
)


@require_POST
def upload(request: MemberRequest) -> HttpResponse:
    """Keep one file for the message that the member is writing: its id, or a sentence on why not."""
    if not may_write(request.member):
        return _refuse("Your role is read-only, so you cannot attach files.", 403)
    file = request.FILES.get("file")
    if file is None:
        return _refuse("No file came. Choose it again.", 422)
    if (file.size or 0) > settings.CONFIG.attachment_max_bytes:
        limit = settings.CONFIG.attachment_max_bytes // 1_000_000
        return _refuse(f"{file.name} is larger than {limit} MB. Make it smaller, or send a link to it.", 413)
    try:
        kept = keep(request.member, file.name or "", file.content_type or "", cast(BinaryIO, file.file))
    except Refused as refusal:
        return _refuse(str(refusal), 422)
    return JsonResponse({"id": kept.pk, "name": kept.name, "size": kept.size}, status=201)


@require_GET
def attachment(request: MemberRequest, pk: int) -> FileResponse:
    """The file as a download; a picture that is what it says it is may show in the page."""
    found = get_object_or_404(attachments_for(request.member), pk=pk)
    if not found.file.storage.exists(str(found.file.name)):
        raise Http404("This file is no longer on the server.")
    picture = picture_type(found)
    response = FileResponse(
        found.file.open("rb"),
        as_attachment=not picture,
        filename=found.name,
        content_type=picture or "application/octet-stream",
    )
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def picture_type(file: Attachment) -> str:
    """The media type of a picture that browsers show without running anything; empty for every other file."""
    with file.file.open("rb") as stream:
        beginning = stream.read(16)
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in PICTURES.items() if beginning.startswith(magic)), "")


def _refuse(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)
