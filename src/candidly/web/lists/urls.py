from django.urls import URLPattern, URLResolver, path

from candidly.web.lists import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.imports, name="imports"),
    path("<int:pk>/", views.import_page, name="import"),
    path("<int:pk>/progress/", views.import_progress, name="import_progress"),
    path("<int:pk>/columns/", views.import_columns, name="import_columns"),
    path("<int:pk>/begin/", views.import_begin, name="import_begin"),
    path("<int:pk>/cancel/", views.import_cancel, name="import_cancel"),
    path("<int:pk>/problems.csv", views.import_problems, name="import_problems"),
]
