from django.urls import URLPattern, URLResolver, path

from candidly.web.talk import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("candidates/<int:pk>/talk/", views.talks, name="talks"),
    path("candidates/<int:pk>/talk/<int:user>/", views.talk, name="talk"),
    path("candidates/<int:pk>/talk/<int:user>/messages/", views.talk_messages, name="talk_messages"),
    path("candidates/<int:pk>/talk/<int:user>/seen/", views.talk_seen, name="talk_seen"),
    path("talk-messages/<int:pk>/", views.talk_message, name="talk_message"),
    path("talk-files/<int:pk>/", views.talk_file, name="talk_file"),
]
