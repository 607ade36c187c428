from django.urls import URLPattern, URLResolver, path

from candidly.web.agency import joining, submitting, talking, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.candidates, name="agency"),
    path("counter/", views.counter, name="agency_counter"),
    path("live-token/", views.live_token, name="agency_live_token"),
    path("join/<str:token>/", joining.join, name="agency_join"),
    path("submit/", submitting.submit, name="agency_submit"),
    path("candidates/<int:pk>/", talking.candidate, name="agency_candidate"),
    path("candidates/<int:pk>/top/", talking.top, name="agency_top"),
    path("candidates/<int:pk>/messages/", talking.messages, name="agency_messages"),
    path("candidates/<int:pk>/seen/", talking.seen, name="agency_seen"),
    path("messages/<int:pk>/", talking.message, name="agency_message"),
    path("files/<int:pk>/", talking.file, name="agency_file"),
    path("preferences/", views.preferences, name="agency_preferences"),
]
