from django.urls import URLPattern, URLResolver, path

from candidly.web.writing import drafts, inserts, panel, presence, scheduled

urlpatterns: list[URLPattern | URLResolver] = [
    path("composer/", drafts.composer, name="composer"),
    path("drafts/", drafts.keep_draft, name="drafts"),
    path("inserts/", inserts.inserts, name="inserts"),
    path("inserts/<int:pk>/", inserts.insert_template, name="insert_template"),
    path("people/<int:pk>/message/", panel.message_panel, name="message_panel"),
    path("conversations/<int:pk>/viewing/", presence.viewing, name="viewing"),
    path("scheduled/", scheduled.scheduled, name="scheduled"),
    path("scheduled/time/", scheduled.scheduled_time, name="scheduled_time"),
    path("scheduled/<int:pk>/", scheduled.scheduled_state, name="scheduled_state"),
    path("scheduled/<int:pk>/edit/", scheduled.scheduled_change, name="scheduled_change"),
    path("scheduled/<int:pk>/cancel/", scheduled.scheduled_cancel, name="scheduled_cancel"),
    path("scheduled/<int:pk>/send/", scheduled.scheduled_send, name="scheduled_send"),
]
