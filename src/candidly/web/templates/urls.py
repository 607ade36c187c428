from django.urls import URLPattern, URLResolver, path

from candidly.web.templates import previewing, versions, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.templates, name="templates"),
    path("new/", views.template_new, name="template_new"),
    path("preview/", previewing.template_preview, name="template_preview"),
    path("people/", previewing.template_people, name="template_people"),
    path("convert/", previewing.template_convert, name="template_convert"),
    path("<int:pk>/", views.template, name="template"),
    path("<int:pk>/copy/", views.template_copy, name="template_copy"),
    path("<int:pk>/deleted/", views.template_deleted, name="template_deleted"),
    path("<int:pk>/versions/", versions.template_versions, name="template_versions"),
    path("<int:pk>/versions/<int:version>/", versions.template_version, name="template_version"),
]
