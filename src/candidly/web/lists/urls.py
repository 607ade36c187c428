from django.urls import URLPattern, URLResolver, path

from candidly.web.lists import exporting, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("imports/", views.imports, name="imports"),
    path("imports/<int:pk>/", views.import_page, name="import"),
    path("imports/<int:pk>/progress/", views.import_progress, name="import_progress"),
    path("imports/<int:pk>/columns/", views.import_columns, name="import_columns"),
    path("imports/<int:pk>/begin/", views.import_begin, name="import_begin"),
    path("imports/<int:pk>/cancel/", views.import_cancel, name="import_cancel"),
    path("imports/<int:pk>/problems.csv", views.import_problems, name="import_problems"),
    path("exports/<slug:what>.<slug:form>", exporting.export, name="export"),
]
