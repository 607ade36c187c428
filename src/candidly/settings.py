"""Django's settings, derived from `candidly.config`. Nothing is configured here that a person would want to change."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import structlog
from django.utils.csp import CSP

from candidly.config import config
from candidly.web.health.logs import error_without_words

CONFIG = config()
PACKAGE = Path(__file__).resolve().parent

SECRET_KEY = CONFIG.signing_key()
DEBUG = CONFIG.debug
BASE_HOST = urlsplit(CONFIG.base_url).hostname or "127.0.0.1"
ALLOWED_HOSTS = [BASE_HOST, "localhost", "127.0.0.1", *CONFIG.allowed_hosts]
SECURE = CONFIG.base_url.startswith("https://")

ROOT_URLCONF = "candidly.urls"
AUTH_USER_MODEL = "candidly.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "candidly",
    "allauth",
    "allauth.account",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "django_prose_editor",
]

MIDDLEWARE = [
    "candidly.web.health.middleware.RequestId",
    "candidly.web.health.middleware.Measured",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "candidly.web.shell.middleware.SignInRequired",
    "candidly.web.shell.middleware.CurrentAccount",
    "django.contrib.messages.middleware.MessageMiddleware",
    "candidly.web.shell.toasts.ToastsForHtmx",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

# One folder a screen group: its templates and static files stand beside its views.
SCREENS = [*sorted(path.parent for path in PACKAGE.glob("web/*/templates")), PACKAGE / "sandbox"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [screen / "templates" for screen in SCREENS],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "candidly.web.shell.context.shell",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.l10n",
                "django.templatetags.static",
                "django_cotton.templatetags.cotton",
                "django_htmx.templatetags.django_htmx",
                "candidly.web.shell.tags",
            ],
        },
    }
]
COTTON_DIR = "cotton"

STATIC_URL = "/static/"
STATICFILES_DIRS = [path for screen in SCREENS if (path := screen / "static").exists()]
STATIC_ROOT = CONFIG.data_dir / "static"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": CONFIG.attachments_dir, "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000


#: PostgreSQL compiles a query that looks expensive, for longer than most of ours take: counting an audience of 100,000
#: spent two seconds on that. And each is planned for its own values: candidates are many and contacts few, so that no
#: plan is good for both.
PLANNING = "-c jit=off -c plan_cache_mode=force_custom_plan"
#: What a connection has asked five times PostgreSQL keeps parsed: a mail is read in four fifths of the time.
PREPARED = {"server_side_binding": True, "prepare_threshold": 5}


def database_of(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?option=value` or, empty, the SQLite file in the data folder.

    `prepared=no` among the options is for a pooler that does not keep prepared statements.
    """
    if not url:
        CONFIG.data_dir.mkdir(parents=True, exist_ok=True)  # SQLite makes the file, and no folder for it
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": CONFIG.sqlite_path,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;"
                " PRAGMA mmap_size=134217728; PRAGMA journal_size_limit=67108864;",
            },
            "CONN_MAX_AGE": None,
        }
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    prepared = PREPARED if options.pop("prepared", "yes") == "yes" else {}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"options": PLANNING, **prepared, **options},
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": database_of(CONFIG.database_url)}

AUTHENTICATION_BACKENDS = ["candidly.web.account.backend.WithMember"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "candidly.web.account.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False

# Mail that Django or allauth sends goes through the same outbox as every other mail.
MAILERS = {"default": {"BACKEND": "candidly.web.account.outbox.OutboxBackend"}}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
CSRF_TRUSTED_ORIGINS = [CONFIG.base_url]
CSRF_FAILURE_VIEW = "candidly.web.shell.views.csrf_failure"
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.SELF],
}

# The only language until there are whole translations: a browser's own would mix Django's words into English pages.
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
PHONENUMBER_DEFAULT_REGION = "GB"

# What every line of the log gets, whether we or a library wrote it: the ids of the request, and errors without their
# own words, which may quote a mail.
LOG_LINE: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    error_without_words,
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": LOG_LINE,
            "processor": structlog.dev.ConsoleRenderer() if DEBUG else structlog.processors.LogfmtRenderer(),
        }
    },
    "filters": {"routes": {"()": "candidly.web.health.logs.RoutesForPaths"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["routes"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "mail.log": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},  # it tells each address, and Gmail's say whom we look for
    },
}
structlog.configure(
    processors=[*LOG_LINE, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
