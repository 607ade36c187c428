from django.urls import URLPattern, URLResolver, path

from candidly.web.templates import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.templates, name="templates"),
    path("new/", views.template_new, name="template_new"),
    path("preview/", views.template_preview, name="template_preview"),
    path("<int:pk>/", views.template, name="template"),
]
