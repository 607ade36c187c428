from django.urls import URLPattern, URLResolver, path

from candidly.web.portal import preferences, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("p/<str:token>/", views.enter, name="portal_enter"),
    path("portal/<int:pk>/", views.conversation, name="portal"),
    path("portal/<int:pk>/messages/", views.messages, name="portal_messages"),
    path("portal/<int:pk>/seen/", views.seen, name="portal_seen"),
    path("portal/<int:pk>/files/<int:file>/", views.file, name="portal_file"),
    path("portal/<int:pk>/preferences/", preferences.preferences, name="portal_preferences"),
    path("portal/<int:pk>/live-token/", views.live_token, name="portal_live_token"),
]
