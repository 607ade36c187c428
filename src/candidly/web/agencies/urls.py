from django.urls import URLPattern, URLResolver, path

from candidly.web.agencies import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.agencies, name="settings_agencies"),
    path("<int:pk>/", views.agency, name="settings_agency"),
    path("<int:pk>/access/", views.agency_access, name="settings_agency_access"),
    path("<int:pk>/colleagues/", views.colleagues, name="settings_agency_colleagues"),
    path("<int:pk>/invitations/", views.invite, name="settings_agency_invite"),
    path("invitations/<int:pk>/withdraw/", views.withdraw, name="settings_agency_withdraw"),
    path("users/<int:pk>/access/", views.user_access, name="settings_agency_user_access"),
]
