"""A small Django project beside Candidly's tables: what somebody would begin with."""

import os

from candidly import settings

DATABASES = settings.DATABASES
SECRET_KEY = settings.SECRET_KEY
INSTALLED_APPS = ["django.contrib.contenttypes", "post_office", "bench.peers.plain"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
SMTP = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}
MAILERS = {"default": SMTP | {"OPTIONS": {"host": "127.0.0.1", "port": int(os.environ["BENCH_SMTP_PORT"])}}}
# post_office tells each batch otherwise; it only looks whether somebody listens.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"nowhere": {"class": "logging.NullHandler"}},
    "loggers": {"post_office": {"handlers": ["nowhere"], "propagate": False}},
}
