"""Django settings of a project that has django-post-office and nothing else, as its documentation has it set up."""

import os

import dj_database_url

SECRET_KEY = "a-benchmark-has-no-secrets"
DATABASES = {"default": dj_database_url.parse(os.environ.get("DATABASE_URL", "sqlite://:memory:"))}
INSTALLED_APPS = ["django.contrib.contenttypes", "post_office"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
EMAIL_BACKEND = "post_office.EmailBackend"
POST_OFFICE: dict[str, object] = {"BACKENDS": {"default": "django.core.mail.backends.dummy.EmailBackend"}}
LOGGING = {"version": 1, "disable_existing_loggers": False, "loggers": {"post_office": {"level": "WARNING"}}}
"""It writes two lines for each batch; a benchmark reads none."""
