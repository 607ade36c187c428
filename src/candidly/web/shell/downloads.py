"""Files that are handed out."""

from django.http import FileResponse, Http404

from candidly.models import Attachment


def download(found: Attachment) -> FileResponse:
    """The file as a download, whatever it is. 404 for one whose bytes have gone."""
    if not found.file.storage.exists(str(found.file.name)):
        raise Http404("This file is no longer on the server.")
    response = FileResponse(
        found.file.open("rb"), as_attachment=True, filename=found.name, content_type="application/octet-stream"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
