from django.urls import URLPattern, URLResolver, path

from candidly.web.reminders import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.reminders, name="reminders"),
    path("counter/", views.reminders_counter, name="reminders_counter"),
    path("<int:pk>/done/", views.reminder_done, name="reminder_done"),
    path("<int:pk>/due/", views.reminder_due, name="reminder_due"),
]
