from django.urls import URLPattern, URLResolver, path

from candidly.web.mailings import drawer, examples, frozen, report, views, waiting
from candidly.web.writing import frame

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.mailings, name="mailings"),
    path("compose/", drawer.compose, name="compose"),
    path("compose/text/", drawer.compose_text, name="compose_text"),
    path("preview/", drawer.mailing_preview, name="mailing_preview"),
    path("preview/frame/", frame.preview_frame, name="preview_frame"),
    path("example/", examples.mailing_example, name="mailing_example"),
    path("people/", drawer.mailing_people, name="mailing_people"),
    path("<int:pk>/", views.mailing, name="mailing"),
    path("<int:pk>/progress/", views.mailing_progress, name="mailing_progress"),
    path("<int:pk>/edit/", waiting.mailing_edit, name="mailing_edit"),
    path("<int:pk>/edit/preview/", frozen.mailing_edit_preview, name="mailing_edit_preview"),
    path("<int:pk>/start/", waiting.mailing_start, name="mailing_start"),
    path("<int:pk>/pace/", waiting.mailing_pace, name="mailing_pace"),
    path("<int:pk>/report/", report.mailing_report, name="mailing_report"),
    path("<int:pk>/pause/", views.mailing_pause, name="mailing_pause"),
    path("<int:pk>/cancel/", views.mailing_cancel, name="mailing_cancel"),
    path("<int:pk>/retry/", views.mailing_retry, name="mailing_retry"),
]
