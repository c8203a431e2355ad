"""One settings file, driven by the environment; with nothing configured it runs embedded on this machine.

Every variable is listed in `.env.example`. `config/checks.py` refuses to start production without its secrets.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str, default: bool = False) -> bool:
    """Whether an environment variable says yes (`1`, `true`, `yes`, `on`)."""
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


PRODUCTION = flag("MILEPOST_PRODUCTION")
DEBUG = flag("MILEPOST_DEBUG")
DEVELOPMENT_KEY = "development-only-key-that-production-refuses"
SECRET_KEY = os.environ.get("SECRET_KEY", DEVELOPMENT_KEY)
SALT_KEY = os.environ.get("MILEPOST_SALT", "milepost")  # with SECRET_KEY it encrypts providers' credentials
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if host]
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]
PUBLIC_URL = os.environ.get("MILEPOST_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "config.apps.SiteConfig",
    "notifications.apps.NotificationsConfig",
    "pathway.apps.PathwayConfig",
    "patients.apps.PatientsConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "phonenumber_field",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def database() -> Mapping[str, Any]:
    """The one database: `DATABASE_URL`, or else a SQLite file (`MILEPOST_DATA`, by default this folder).

    SQLite waits for other writers, begins transactions as writers, and flushes every commit to the disk: a send that
    was recorded stays recorded through a power cut.
    """
    url = os.environ.get("DATABASE_URL", "")
    if url:
        settings = dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)
        if "postgresql" in settings["ENGINE"]:
            options = settings.setdefault("OPTIONS", {})
            given = options.get("options", "")
            if "idle_in_transaction_session_timeout" not in given:
                options["options"] = f"{given} -c idle_in_transaction_session_timeout=30000".strip()
            return settings
    else:
        name = Path(os.environ.get("MILEPOST_DATA", str(BASE_DIR))) / "milepost.sqlite3"
        settings = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(name)}
    settings["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;",
    }
    return settings


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "patients.Staff"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "sign-in"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
# Only production serves collected files; elsewhere WhiteNoise finds them where they lie, and warns of a missing root.
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

# --- Security -------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
if PRODUCTION:
    SECURE_SSL_REDIRECT = flag("MILEPOST_SSL_REDIRECT", default=True)
    # Asked by the machine next door, without TLS.
    SECURE_REDIRECT_EXEMPT = [r"^healthz(/dispatch)?$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# --- Broker: it only wakes the dispatcher, so losing it delays and loses nothing -----------------------------------
REDIS_URL = os.environ.get("REDIS_URL", "")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL and not REDIS_URL.startswith("redis+socket")
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
DISPATCH_EVERY_SECONDS = float(os.environ.get("MILEPOST_DISPATCH_EVERY", "5"))
CELERY_BROKER_URL = REDIS_URL or "redis://127.0.0.1:6379/0"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULE = {
    "dispatch": {
        "task": "notifications.dispatch_due",
        "schedule": DISPATCH_EVERY_SECONDS,
        # Long enough for a beat and a worker whose clocks are a minute apart: the worker would take every wake-up for
        # an old one. Short enough for a worker that comes back after hours to find few.
        "options": {"expires": 120 + DISPATCH_EVERY_SECONDS},
    },
    "sweep": {
        "task": "pathway.sweep",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "watch-procedure-days": {
        "task": "pathway.watch_procedure_days",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
}

# --- Phones and channels --------------------------------------------------------------------------------------------
PHONENUMBER_DEFAULT_REGION = os.environ.get("MILEPOST_REGION", "US")
PHONENUMBER_DB_FORMAT = "E164"
PHONENUMBER_DEFAULT_FORMAT = "NATIONAL"
CHANNELS = {  # a channel of one's own, named by its Python path: it wins over every account
    kind: path
    for kind, path in {
        "sms": os.environ.get("MILEPOST_SMS", ""),
        "voice": os.environ.get("MILEPOST_VOICE", ""),
        "email": os.environ.get("MILEPOST_EMAIL", ""),
    }.items()
    if path
}
PROVIDERS = {  # accounts at providers, read by `notifications/channels/accounts.py`
    name: value
    for name, value in os.environ.items()
    if name.startswith(("MILEPOST_TWILIO_", "MILEPOST_EMAIL_", "MILEPOST_ANYMAIL"))
}

# --- Watching -------------------------------------------------------------------------------------------------------
METRICS_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
METRICS_TOKEN = os.environ.get("MILEPOST_METRICS_TOKEN", "")
PING_URL = os.environ.get("MILEPOST_PING_URL", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"httpx": {"level": "WARNING"}},  # below, it logs whole addresses, and some hold a secret
    "root": {"handlers": ["console"], "level": os.environ.get("MILEPOST_LOG", "INFO")},
}
