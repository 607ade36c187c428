from django.apps import AppConfig


class CandidlyConfig(AppConfig):
    name = "candidly"
    verbose_name = "Candidly"
