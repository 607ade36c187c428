from django.urls import URLPattern, URLResolver, path

from candidly.web.campaigns import choosing, members, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.campaigns, name="campaigns"),
    path("new/", views.campaign_add, name="campaign_add"),
    path("choose/", choosing.campaign_choose, name="campaign_choose"),
    path("intakes/<int:pk>/", choosing.campaign_intake, name="campaign_intake"),
    path("<int:pk>/", views.campaign, name="campaign"),
    path("<int:pk>/edit/", views.campaign_edit, name="campaign_edit"),
    path("<int:pk>/remove/", members.campaign_remove, name="campaign_remove"),
    path("<int:pk>/restore/<str:at>/", members.campaign_restore, name="campaign_restore"),
    path("<int:pk>/members/<int:person>/response/", members.campaign_response, name="campaign_response"),
]
