"""Settings of the portal, read from the environment once; docs/operations.md explains every variable."""

import os
import sys
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from cnsportal.conf import beat_schedule, datasus, env, log_config, secret_keys

os.umask(0o077)  # nearly every file that a process of ours makes holds personal data

BASE_DIR = Path(__file__).resolve().parent.parent
CNSPORTAL_DATA = env.folder("CNSPORTAL_DATA", BASE_DIR / ".data")
INBOX_DIR = env.folder("CNSPORTAL_INBOX", CNSPORTAL_DATA / "inbox")
PORT = env.integer("CNSPORTAL_PORT", 8000, least=1, most=65535)
"""Where ``make run`` serves the portal on this machine; elsewhere the web server's own options say it."""

# ---- security ---------------------------------------------------------------------------------------------------
DEBUG = env.boolean("CNSPORTAL_DEBUG", default=False)
DEVELOPMENT = not env.boolean("CNSPORTAL_PRODUCTION", default=False)
"""On one machine, over plain HTTP, with generated keys and the embedded services; production gives all of them."""

SECRET_KEY = env.secret("CNSPORTAL_SECRET_KEY") or secret_keys.secret_key(CNSPORTAL_DATA, development=DEVELOPMENT)
CADSUS_KEKS = secret_keys.parse(
    env.secret("CADSUS_KEK") or secret_keys.key_encryption_key(CNSPORTAL_DATA, development=DEVELOPMENT)
)
"""Key-encryption keys by id, the current one first (cnsportal.conf.secret_keys.parse)."""

DEFAULT_EXCEPTION_REPORTER_FILTER = "cnsportal.web.error_reporting.HideValuesFilter"

ALLOWED_HOSTS = env.words("CNSPORTAL_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env.url("CNSPORTAL_URL", f"http://127.0.0.1:{PORT}" if DEVELOPMENT else "", "https", "http").rstrip("/")
"""Where the portal is reached from outside: what a card's QR code leads to."""
PROXIES = env.integer("CNSPORTAL_PROXIES", 0 if DEVELOPMENT else 1)
"""How many proxies stand before the portal, each of which adds whom it saw to X-Forwarded-For."""
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
CSRF_TRUSTED_ORIGINS = env.words("CNSPORTAL_ORIGINS", [])
HTTPS = env.boolean("CNSPORTAL_HTTPS", default=not DEVELOPMENT)
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
if DEVELOPMENT:  # two portals on one machine differ in nothing else that a browser keeps cookies by
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"sessionid_{PORT}", f"csrftoken_{PORT}"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: [] for feature in ("camera", "microphone", "geolocation", "payment", "usb", "accelerometer", "gyroscope")
}

# ---- the application --------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "operators",
    "beneficiaries",
    "sib",
    "cadsus",
    "cards",
    *(["demo"] if DEVELOPMENT else []),  # its accounts have a password that everybody knows
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "rest_framework",
    "rest_framework.authtoken",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "lucide",
    "csp",
    "django_structlog",
]
MIDDLEWARE = [
    "cnsportal.web.views.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "cnsportal.web.reject_invalid_text.PlainTextMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "operators.middleware.PrivateResponseMiddleware",
    "operators.middleware.OperatorMiddleware",
]
ROOT_URLCONF = "cnsportal.urls"
WSGI_APPLICATION = "cnsportal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cnsportal.web.environment_badge.practice",
                "operators.middleware.portal",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- services ---------------------------------------------------------------------------------------------------
DATABASE_URL = env.url("DATABASE_URL", "", "postgres", "postgresql")
REDIS_URL = env.url("REDIS_URL", "", "redis", "rediss")
EMBEDDED = not DATABASE_URL or not REDIS_URL
if EMBEDDED:
    if not DEVELOPMENT:
        raise ImproperlyConfigured("Em produção, informe DATABASE_URL e REDIS_URL.")
    from cnsportal.conf.embedded_services import start_or_attach

    try:
        _services = start_or_attach(CNSPORTAL_DATA)
    except RuntimeError as error:
        raise ImproperlyConfigured(str(error)) from error
    DATABASE_URL = DATABASE_URL or _services.database_url
    REDIS_URL = REDIS_URL or _services.redis_url

DATABASES: dict[str, Any] = {
    "default": {**dj_database_url.parse(DATABASE_URL, conn_max_age=60), "ATOMIC_REQUESTS": False}
}
if not DEVELOPMENT and not PUBLIC_URL:
    raise ImproperlyConfigured(
        "Em produção, informe CNSPORTAL_URL: o endereço do portal, a que leva o QR Code dos cartões, como "
        "https://portal.exemplo.com.br."
    )
if not DEVELOPMENT and HTTPS and not PUBLIC_URL.startswith("https://"):
    raise ImproperlyConfigured(f"CNSPORTAL_URL={PUBLIC_URL!r}: em produção, o endereço deve começar com https://.")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"serializer": "cnsportal.web.cache_serializer.CacheSerializer"},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
WHITENOISE_USE_FINDERS = DEVELOPMENT  # production collects once, under names that carry the content's hash
_STATIC = "django.contrib.staticfiles.storage" if DEVELOPMENT else "whitenoise.storage"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {
        "BACKEND": f"{_STATIC}.{'StaticFilesStorage' if DEVELOPMENT else 'CompressedManifestStaticFilesStorage'}"
    },
}
MEDIA_ROOT = CNSPORTAL_DATA / "files"
FILE_UPLOAD_TEMP_DIR = INBOX_DIR / ".uploads"  # on the disk of the inbox, so that a gigabyte is moved and not copied
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
STATIC_URL = "/static/"
STATIC_ROOT = CNSPORTAL_DATA / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]

# ---- Celery: the database is the truth, Celery is the postman ---------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "bulk"
CELERY_TASK_QUEUES = [Queue("interactive"), Queue("lookups"), Queue("bulk")]
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "queue_order_strategy": "priority"
}  # in the order in which a worker names its queues
CELERY_TIMEZONE = "America/Sao_Paulo"
CELERY_BEAT_SCHEDULER = "cnsportal.scheduler:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(CNSPORTAL_DATA / "scheduler")
CELERY_BEAT_SCHEDULE = beat_schedule.SCHEDULE
RUN_STALE_SECONDS = env.integer("RUN_STALE_SECONDS", 60, least=1)
"""A running job whose heart has not beaten for so long was interrupted."""

CADSUS_NEWBORN_DAYS = env.integer("CADSUS_NEWBORN_DAYS", 30, least=0)
"""After birth, until CadSUS usually knows a child. Nobody has published it: each operator learns its own."""

# ---- cards ------------------------------------------------------------------------------------------------------
CARD_FILES_DAYS = env.integer("CARD_FILES_DAYS", 7, least=1)
"""How long the files of batches are kept: they hold personal data, and can be made again from the cards."""

# ---- SIB --------------------------------------------------------------------------------------------------------
OUTBOX_DIR = env.path("CNSPORTAL_OUTBOX", CNSPORTAL_DATA / "outbox")
SIB_KEEP_ACCENTS = env.boolean("SIB_KEEP_ACCENTS", default=False)
"""Whether names go to ANS with their accents: how its hash counts them is not proven (docs/reference/sib.md §1.1)."""
SIB_INCLUDE_WITHOUT_CNS = env.boolean("SIB_INCLUDE_WITHOUT_CNS", default=False)
"""Whether inclusões go without a CNS: the schema lets them, a refusal is not proven (docs/reference/sib.md §5)."""
SIB_ALPHANUMERIC_CNPJ = env.boolean("SIB_ALPHANUMERIC_CNPJ", default=False)
"""Whether ANS's schema takes a CNPJ with letters, as the Receita gives since July 2026; the known one wants digits."""

# ---- DATASUS ----------------------------------------------------------------------------------------------------
CADSUS_ENVIRONMENT = env.choice("CADSUS_ENVIRONMENT", "simulator" if DEVELOPMENT else "", *datasus.ADDRESSES)
if not CADSUS_ENVIRONMENT:  # by default nobody works on invented answers, and prints cards that say so
    raise ImproperlyConfigured("Em produção, informe CADSUS_ENVIRONMENT: production, homologation ou simulator.")
CADSUS_ENVIRONMENTS = datasus.environments(CADSUS_ENVIRONMENT, CNSPORTAL_DATA, development=DEVELOPMENT)
CADSUS_CLIENT_ROOTS = env.authorities("CADSUS_CLIENT_ROOTS")
"""Roots and intermediates of ICP-Brasil; without them a file's own chain must hold together."""
CADSUS_SENDER = env.text("CADSUS_SENDER", "CNSPORTAL")
CADSUS_CONNECT_TIMEOUT = env.number("CADSUS_CONNECT_TIMEOUT", 10, least=0.1)  # seconds
CADSUS_READ_TIMEOUT = env.number("CADSUS_READ_TIMEOUT", 30, least=0.1)  # seconds
CADSUS_CONCURRENCY = env.integer("CADSUS_CONCURRENCY", 8, least=1)  # questions under way at once, for each operator
CADSUS_BREAKER_FAILURES = env.integer("CADSUS_BREAKER_FAILURES", 5, least=1)  # in a row, before DATASUS counts as away
CADSUS_BREAKER_SECONDS = env.number("CADSUS_BREAKER_SECONDS", 15, least=0.05)  # until the first probe
CADSUS_RECHECK_DAYS = env.integer("CADSUS_RECHECK_DAYS", 180, least=1)
CADSUS_RECHECKS_A_NIGHT = env.integer("CADSUS_RECHECKS_A_NIGHT", 5000)

# ---- people and languages ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "operators.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
"""By the address of the account alone; allauth's would take any that the account ever claimed."""
AUTH_PASSWORD_VALIDATORS = [  # the password policy
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
]
ACCOUNT_ADAPTER = "operators.auth.allauth_adapter.AccountAdapter"
ACCOUNT_FORMS = {"reset_password": "operators.auth.password_reset.ResetForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # staff are registered by an administrator, never by themselves
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a stranger's address is written to by nobody
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # seconds for which a password typed once more counts
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # what an administrator gave needs no proof
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25, least=1, most=65535)
EMAIL_HOST_USER = env.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_PASSWORD") or ""
EMAIL_USE_TLS = env.boolean("EMAIL_STARTTLS", default=False)
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "portal@localhost")

LANGUAGE_CODE = "pt-br"
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "America/Sao_Paulo"
USE_TZ = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["operators.api_parsers.TextJSONParser"],
}

# ---- logs -------------------------------------------------------------------------------------------------------
LOG_LEVEL = env.choice("CNSPORTAL_LOG_LEVEL", "INFO", "DEBUG", "INFO", "WARNING", "ERROR")
LOGGING = log_config.configuration(level=LOG_LEVEL, as_json=not sys.stderr.isatty())
DJANGO_STRUCTLOG_CELERY_ENABLED = False
