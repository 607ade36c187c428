from django.urls import URLPattern, URLResolver, path

from candidly.web.candidates import profile, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.candidates, name="candidates"),
    path("new/", views.candidate_add, name="candidate_add"),
    path("<int:pk>/", profile.candidate, name="candidate"),
    path("<int:pk>/edit/", profile.candidate_edit, name="candidate_edit"),
    path("<int:pk>/emails/", profile.candidate_emails, name="candidate_emails"),
    path("<int:pk>/messages/", profile.candidate_messages, name="candidate_messages"),
    path("<int:pk>/previous/", profile.candidate_previous, name="candidate_previous"),
    path("<int:pk>/conversations/", profile.person_conversations, name="person_conversations"),
]
