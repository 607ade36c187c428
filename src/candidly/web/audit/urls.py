from django.urls import URLPattern, URLResolver, path

from candidly.web.audit import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.audit, name="audit"),
    path("export/", views.audit_export, name="audit_export"),
]
