from django.urls import URLPattern, URLResolver, path

from candidly.web.shell import settings, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("live-token/", views.fresh_live_token, name="live_token"),
    path("settings/", settings.profile, name="settings"),
    path("settings/organization/", settings.organization, name="settings_organization"),
    path("settings/members/", settings.members, name="settings_members"),
    path("settings/members/<int:pk>/role/", settings.member_role, name="settings_member_role"),
    path("settings/members/<int:pk>/access/", settings.member_access, name="settings_member_access"),
]
