from django.urls import URLPattern, URLResolver, path

from candidly.web.openings import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("openings/", views.openings, name="openings"),
    path("openings/new/", views.opening_add, name="opening_add"),
    path("openings/<int:pk>/", views.opening, name="opening"),
    path("openings/<int:pk>/open/", views.opening_open, name="opening_open"),
    path("candidates/<int:pk>/openings/", views.candidate_enter, name="candidate_enter"),
]
