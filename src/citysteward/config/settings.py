"""All settings of the installation, from typed environment variables.

CITYSTEWARD_HOME (default ./var) holds everything that is not in the database: the embedded
server's data, keys, uploaded files, the lake. Losing `keys` means losing what they protect.
"""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from csp.constants import NONE, SELF
from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from citysteward.config import database
from citysteward.config.keys import key
from citysteward.config.logs import logging_settings
from citysteward.config.postgres import socket_folder

Names = Annotated[list[str], NoDecode]


class Environment(BaseSettings):
    """The environment variables that steer the installation."""

    model_config = SettingsConfigDict(env_prefix="CITYSTEWARD_", frozen=True, extra="ignore")

    home: Path = Path("var")
    """Folder of data, keys, files and the lake."""
    packs: Path | None = None
    """Folder of the packs (default: `packs` beside the source or in the present folder)."""
    demo: bool = False
    """Shows demo sign-ins on the sign-in page. Never in production."""
    debug: bool = False
    https: bool = False
    """The site is reached through HTTPS (by a proxy that ends it): secure cookies, HSTS."""
    proxies: int = Field(default=0, ge=0)
    """How many proxies of one's own stand before the site; each adds to X-Forwarded-For."""
    hosts: Names = ["localhost", "127.0.0.1", "[::1]"]
    """Host names of the site, separated by commas."""
    origins: Names = []
    """Origins trusted with POST, such as https://city.example, separated by commas."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"
    database_url: str | None = Field(default=None, validation_alias=AliasChoices("DATABASE_URL"))
    """PostgreSQL elsewhere, as the application's login (default: the embedded server)."""
    database_owner_url: str | None = Field(
        default=None, validation_alias=AliasChoices("DATABASE_OWNER_URL")
    )
    """The same database as the login that owns it, for migrations."""

    @field_validator("hosts", "origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("database_url", "database_owner_url", mode="before")
    @classmethod
    def _none_if_empty(cls, value: Any) -> Any:
        return value or None

    @property
    def embedded(self) -> bool:
        """Whether the database is the embedded server of the home folder."""
        return self.database_url is None

    @property
    def urls(self) -> database.Urls:
        """Where the database is."""
        if self.database_url is not None:
            return database.Urls(self.database_url, self.database_owner_url or self.database_url)
        where = f"/{database.DATABASE_NAME}?host={socket_folder(self.home)}"
        return database.Urls(
            app=f"postgresql://{database.APP_ROLE}@{where}",
            owner=f"postgresql://{database.OWNER_ROLE}@{where}",
        )


ENVIRONMENT = Environment()

# Places
SOURCE = Path(__file__).resolve().parents[1]
CITYSTEWARD_HOME = ENVIRONMENT.home.resolve()
CITYSTEWARD_DEMO = ENVIRONMENT.demo
LAKE_ROOT = CITYSTEWARD_HOME / "lake"
MEDIA_ROOT = CITYSTEWARD_HOME / "files"
_CHECKOUT_PACKS = SOURCE.parents[1] / "packs"
PACKS_ROOT = (
    ENVIRONMENT.packs or (_CHECKOUT_PACKS if _CHECKOUT_PACKS.is_dir() else Path("packs"))
).resolve()

# Secrets, 32 bytes each
SECRET_KEY = key(CITYSTEWARD_HOME, "secret").hex()
FIELD_ENCRYPTION_KEY = key(CITYSTEWARD_HOME, "field-encryption")
SEAL_KEY = key(CITYSTEWARD_HOME, "seal")

# Contexts, from the lowest up: a registry is filled from below
CONTEXTS = (
    "kernel.journal",
    "kernel.calendar",
    "kernel.areas",
    "kernel.parties",
    "kernel.cases",
    "grid",
    "performance",
    "contracts",
    "portals.citizen",
    "portals.staff",
    "portals.governance",
    "ui",
)
INSTALLED_APPS = [
    "citysteward.config",
    *(
        f"citysteward.{context}"
        for context in CONTEXTS
        if find_spec(f"citysteward.{context}.apps") is not None
    ),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "js_lib_leaflet",
    "procrastinate.contrib.django",
]

# Requests
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = ENVIRONMENT.hosts
PROXIES = ENVIRONMENT.proxies
ROOT_URLCONF = "citysteward.config.urls"
WSGI_APPLICATION = "citysteward.config.wsgi.application"
MIDDLEWARE = [
    "citysteward.config.gate.VisitorAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "citysteward.config.headers.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "citysteward.config.gate.BodySizeMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "citysteward.config.gate.NoNulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "citysteward.config.zone.CityZoneMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "citysteward.ui.context.frame",
            ],
        },
    }
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        # blob: shows a photo before it is sent.
        "img-src": [SELF, "blob:", "data:"],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = ENVIRONMENT.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.https else None
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.https else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENVIRONMENT.https
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
CSRF_TRUSTED_ORIGINS = ENVIRONMENT.origins

# Sign-in
AUTH_USER_MODEL = "parties.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "citysteward.kernel.parties.views.locked_out"
AXES_VERBOSE = False
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
STAFF_SESSION = timedelta(hours=12)
"""How long those who work for the city stay signed in: a working day, not two weeks."""
ACCESS_LOG_KEPT = timedelta(days=180)
"""Sign-ins with their addresses: six months, as China's Cybersecurity Law asks at least."""

# Database
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": database.django_settings(ENVIRONMENT.urls.app, database.APP_ROLE),
    "owner": database.django_settings(ENVIRONMENT.urls.owner, database.OWNER_ROLE),
}

# Languages and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
USE_TZ = True
TIME_ZONE = "UTC"

# Static files, straight from the packages that carry them
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 600

LOGGING = logging_settings(ENVIRONMENT.log_level)
