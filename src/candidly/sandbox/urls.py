from django.urls import URLPattern, URLResolver, path

from candidly.sandbox import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.sandbox, name="sandbox"),
    path("newer/", views.newer, name="sandbox_newer"),
    path("clear/", views.clear, name="sandbox_clear"),
    path("<int:pk>/", views.mail, name="sandbox_mail"),
    path("<int:pk>/answer/", views.answer, name="sandbox_answer"),
    path("<int:pk>/html/", views.html, name="sandbox_html"),
    path("<int:pk>/source/", views.source, name="sandbox_source"),
    path("<int:pk>/files/<int:number>/", views.file, name="sandbox_file"),
]
