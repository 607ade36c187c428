from django.urls import URLPattern, URLResolver, path

from candidly.web.review import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.review, name="review"),
    path("<int:pk>/", views.review_mail, name="review_mail"),
    path("<int:pk>/conversations/", views.review_conversations, name="review_conversations"),
    path("<int:pk>/file/", views.review_file, name="review_file"),
    path("<int:pk>/drop/", views.review_drop, name="review_drop"),
    path("<int:pk>/html/", views.review_html, name="review_html"),
    path("<int:pk>/attachments/<int:number>/", views.review_attachment, name="review_attachment"),
]
