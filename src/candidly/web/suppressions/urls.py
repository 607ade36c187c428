from django.urls import URLPattern, URLResolver, path

from candidly.web.suppressions import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.suppressions, name="suppressions"),
    path("<int:pk>/", views.suppression, name="suppression"),
    path("<int:pk>/release/", views.release, name="suppression_release"),
]
