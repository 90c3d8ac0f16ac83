"""All settings. What differs between installations is read from the environment; production is the default."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from scheduler import logs
from scheduler.environment import Environment
from scheduler.providers import sign_in_providers

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(BASE_DIR / ".env")

# --- What this installation is ---------------------------------------------------------------------
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret_key("SECRET_KEY", debug=DEBUG)
FIELD_ENCRYPTION_KEYS = env.encryption_keys(debug=DEBUG)
AUDIT_KEY = env.secret_key("AUDIT_KEY", debug=DEBUG)
AUDIT_ANCHOR = env.text("AUDIT_ANCHOR")
SITE_URL = env.site_url(debug=DEBUG)
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", ("127.0.0.1", "localhost", "[::1]") if DEBUG else (), debug=DEBUG)
HTTPS = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ORGANISATION = env.text("ORGANISATION", "Willow Clinics")
CURRENCY = env.text("CURRENCY", "EUR", pattern="[A-Z]{3}", like="EUR")

# --- Policy (docs/architecture.md tells what each means) -------------------------------------------
BOOKING_MIN_NOTICE_MINUTES = env.whole("BOOKING_MIN_NOTICE_MINUTES", 30, at_most=525_600)
BOOKING_HORIZON_DAYS = env.whole("BOOKING_HORIZON_DAYS", 180, at_least=1, at_most=730)
CANCELLATION_NOTICE_HOURS = env.whole("CANCELLATION_NOTICE_HOURS", 24, at_most=8760)
HOLD_MINUTES = env.whole("HOLD_MINUTES", 10, at_least=1, at_most=60)
MAX_UPCOMING_PER_PATIENT = env.whole("MAX_UPCOMING_PER_PATIENT", 10, at_least=1)
MAX_ANONYMOUS_HOLDS_PER_DOCTOR = env.whole("MAX_ANONYMOUS_HOLDS_PER_DOCTOR", 5, at_least=1)
REMINDER_HOURS_BEFORE = env.wholes("REMINDER_HOURS_BEFORE", (168, 24), at_most=8760)
ACCESS_TOKEN_LIFETIME = timedelta(minutes=env.whole("ACCESS_TOKEN_MINUTES", 15, at_least=1, at_most=1440))
REFRESH_TOKEN_LIFETIME = timedelta(days=env.whole("REFRESH_TOKEN_DAYS", 14, at_least=1, at_most=90))
IDLE_MINUTES_STAFF = env.whole("IDLE_MINUTES_STAFF", 15, at_least=1, at_most=1440)
IDLE_MINUTES_PATIENTS = env.whole("IDLE_MINUTES_PATIENTS", 30, at_least=1, at_most=1440)
SESSION_HOURS = env.whole("SESSION_HOURS", 12, at_least=1, at_most=168)
RECORD_WRITING_DAYS = env.whole("RECORD_WRITING_DAYS", 30, at_least=1, at_most=3650)
EMERGENCY_ACCESS_MINUTES = env.whole("EMERGENCY_ACCESS_MINUTES", 60, at_least=1, at_most=1440)
DENIALS_ALERT = env.whole("DENIALS_ALERT", 20, at_least=1)
INVITATION_DAYS = env.whole("INVITATION_DAYS", 7, at_least=1, at_most=30)

# --- Applications ----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "scheduler",
    "records",
    "clinic",
    "accounts",
    "accounts.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.microsoft",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.idp.oidc",
    "guardian",
    "corsheaders",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "phonenumber_field",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "health_check",
]

# Each is passed by what those below it answer: log and headers first, so that errors and static files have them too.
MIDDLEWARE = [
    "scheduler.middleware.note_requests",
    "scheduler.middleware.owed_headers",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "scheduler.middleware.refuse_at_the_door",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "scheduler.middleware.private_answers",
    "scheduler.middleware.ask_to_wait",
    "accounts.middleware.audited",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.second_factor.middleware.AskForSecondFactor",
    "scheduler.middleware.end_idle_sessions",
    "scheduler.middleware.draw_refused_methods",
]

ROOT_URLCONF = "scheduler.urls"
WSGI_APPLICATION = "scheduler.wsgi.application"
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
                "scheduler.context.organisation",
            ]
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Data ------------------------------------------------------------------------------------------
DATABASES = {"default": env.database(BASE_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.redis_url()
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # Seconds: somebody waits for his page.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # The default of 300 would let a stranger push a victim's sign-in counter out.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

# --- Queue: Celery where there is Redis, else `manage.py worker` (docs/operations.md) ---------------
# What is done again and again, and after how many seconds. However many processes do it, nothing is done twice.
CHORES = {
    "accounts.tasks.sweep": 30,
    "accounts.tasks.seal_audit": 60,
    "clinic.tasks.plan_reminders": 60,
    "clinic.tasks.refresh_hints": 300,
    "records.tasks.alert_denials": 120,
    "accounts.tasks.clear_sessions": 3600,
    "accounts.tasks.forget_messages": 600,
}
CELERY_BEAT_SCHEDULE = {
    # What nobody took in time is not done twice afterwards.
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for task, seconds in CHORES.items()
}
# It keeps no file of what it did when: that stands in the database.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    # Longer than any task may take: only what a dead worker had is handed out again.
    "visibility_timeout": 600,
}
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Shorter than the claim on a message (accounts.outbox.LEASE).
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 200, 240

# --- People: sign-in -------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
# django-guardian: no row for nobody, and nothing hung onto our models.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = GUARDIAN_MONKEY_PATCH_GROUP = False
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
] + [{"NAME": "accounts.passwords.MaximumLengthValidator"}]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignUpForm",
    "add_email": "accounts.views.forms.AddressForm",
    "confirm_email_verification_code": "accounts.views.forms.CodeForm",
    "reset_password": "accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.mailed_links.LinkTokens"  # noqa: S105  a class
# The longest that any mailed link lives; accounts.mailed_links gives those for forgotten passwords less.
PASSWORD_RESET_TIMEOUT = INVITATION_DAYS * 86_400
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# One address each, which is exchanged for another once that one is proved, and the password is asked for first.
ACCOUNT_MAX_EMAIL_ADDRESSES = 2  # as allauth counts: the new one too, while it is unproved
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "signed-out"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}

# --- People: second factor -------------------------------------------------------------------------
# Whoever has such a role sees nothing before he has set one up; everybody else may.
MFA_REQUIRED_ROLES = env.roles("MFA_REQUIRED_ROLES", ("doctor", "receptionist", "admin"))
MFA_ADAPTER = "accounts.second_factor.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.second_factor.forms.SignInForm",
    "reauthenticate": "accounts.second_factor.forms.ConfirmForm",
    "activate_totp": "accounts.second_factor.forms.SetUpAppForm",
    "add_webauthn": "accounts.second_factor.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.second_factor.forms.RenamePasskeyForm",
    "authenticate_webauthn": "accounts.second_factor.forms.PasskeyForm",
    "login_webauthn": "accounts.second_factor.forms.PasskeyInsteadForm",
    "reauthenticate_webauthn": "accounts.second_factor.forms.ConfirmByPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Nobody is signed in whose address is not proved; one that is not yet is the new one of somebody who changes his.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = ORGANISATION
# Codes of the half minute before and the one after count too: clocks differ, and people type slowly.
MFA_TOTP_TOLERANCE = 1

# For `manage.py ensure_admin` alone.
ADMIN_EMAIL = env.text("ADMIN_EMAIL")
ADMIN_PASSWORD = env.text("ADMIN_PASSWORD")

# --- People: sign-in through providers ----------------------------------------------------------------
SIGN_IN_PROVIDERS = sign_in_providers(env)
SOCIALACCOUNT_PROVIDERS = SIGN_IN_PROVIDERS.settings
SOCIALACCOUNT_ADAPTER = "accounts.social.adapter.SocialAdapter"
SOCIALACCOUNT_FORMS = {
    "signup": "accounts.social.forms.SocialSignUpForm",
    "disconnect": "accounts.social.forms.UnlinkForm",
}
# An identity at a provider opens an account, never an address; and only its owner, signed in, adds one.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5

# --- Limits: each rate times THROTTLE_FACTOR -------------------------------------------------------
THROTTLE_FACTOR = env.whole("THROTTLE_FACTOR", 1, at_least=1, at_most=1_000_000)
TRUSTED_PROXIES = env.whole("TRUSTED_PROXIES", 0, at_most=10)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
ACCOUNT_RATE_LIMITS = {
    "login": f"{30 * THROTTLE_FACTOR}/m/ip",
    # By account and network, and by account from everywhere (accounts.throttles).
    "login_failed": f"{10 * THROTTLE_FACTOR}/m/ip,{5 * THROTTLE_FACTOR}/5m/key",
    "login_failed_anywhere": f"{60 * THROTTLE_FACTOR}/h/key",
    "reauthenticate": f"{10 * THROTTLE_FACTOR}/m/user",
    "change_password": f"{5 * THROTTLE_FACTOR}/m/user",
    "manage_email": f"{10 * THROTTLE_FACTOR}/m/user",
    # All kinds together that somebody can cause by naming an address.
    "mail": f"{5 * THROTTLE_FACTOR}/h/key",
    "signup": f"{20 * THROTTLE_FACTOR}/m/ip",
    "confirm_email": f"{THROTTLE_FACTOR}/10s/key,{5 * THROTTLE_FACTOR}/h/key",
    # One address for a calendar; and whoever asks for any that is not there.
    "calendar_feed": f"{60 * THROTTLE_FACTOR}/h/key",
    "calendar_missed": f"{30 * THROTTLE_FACTOR}/m/ip",
    "integrator": f"{120 * THROTTLE_FACTOR}/m/ip",
    "hold": f"{10 * THROTTLE_FACTOR}/10m/ip",
    # Also to look at where a mailed link leads: mail scanners look at all links of a mail at once.
    "answer": f"{60 * THROTTLE_FACTOR}/m/ip",
    # Looking for a patient who is nobody's of one's own.
    "emergency_search": f"{20 * THROTTLE_FACTOR}/10m/key",
    # Guesses at the date of birth behind an invitation from the desk.
    "claim": f"{20 * THROTTLE_FACTOR}/m/ip,{5 * THROTTLE_FACTOR}/d/key",
    # All that is held about one, as a file.
    "take_away": f"{10 * THROTTLE_FACTOR}/h/key",
    "second_factor": f"{5 * THROTTLE_FACTOR}/5m/key,{20 * THROTTLE_FACTOR}/h/key",
    "reset_password": f"{20 * THROTTLE_FACTOR}/m/ip,{5 * THROTTLE_FACTOR}/m/key",
    "reset_password_from_key": f"{20 * THROTTLE_FACTOR}/m/ip",
}
MFA_RATE_LIMITS = {"webauthn_login": f"{30 * THROTTLE_FACTOR}/m/ip"}
THROTTLE_RATES = {
    scope: f"{env.whole(f'THROTTLE_{variable}', default, at_least=1) * THROTTLE_FACTOR}/{unit}"
    for scope, variable, default, unit in (
        ("anonymous", "ANONYMOUS_PER_MINUTE", 120, "min"),
        ("user", "USER_PER_MINUTE", 300, "min"),
        ("sign-in", "SIGN_IN_PER_MINUTE", 30, "min"),
        ("sign-up", "SIGN_UP_PER_HOUR", 60, "hour"),
        ("holds", "HOLDS_PER_MINUTE", 20, "min"),
        ("booking", "BOOKING_PER_MINUTE", 60, "min"),
        ("denials", "DENIALS_PER_MINUTE", 30, "min"),
    )
}

# --- Integrators: our own OAuth2 and OpenID Connect server (docs/api.md) ----------------------------
# Without a key there is no such server: its addresses answer 404.
IDP_OIDC_PRIVATE_KEY = env.signing_key(debug=DEBUG)
IDP_OIDC_ADAPTER = "accounts.api.integrators.adapter.IdentityAdapter"
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = int(ACCESS_TOKEN_LIFETIME.total_seconds())
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = int(REFRESH_TOKEN_LIFETIME.total_seconds())
IDP_OIDC_ROTATE_REFRESH_TOKEN = True
IDP_OIDC_DCR_ENABLED = IDP_OIDC_CIMD_ENABLED = IDP_OIDC_INTROSPECTION_ENABLED = False

# --- API -------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # The first one's authenticate_header makes a refusal a 401.
        "accounts.api.integrators.authentication.IntegratorAuthentication",
        "accounts.api.authentication.FamilyAuthentication",
        "accounts.api.authentication.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["scheduler.api.parsing.JSONParser"],
    # OPTIONS would describe fields beside the schema, and is not in the contract.
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "accounts.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [f"accounts.throttles.{whose}Throttle" for whose in ("Anonymous", "User", "Scoped")],
    "DEFAULT_THROTTLE_RATES": THROTTLE_RATES | {"anon": THROTTLE_RATES["anonymous"]},
    "DEFAULT_VERSIONING_CLASS": None,
    "EXCEPTION_HANDLER": "scheduler.errors.answer",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{ORGANISATION}: appointments",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Find a doctor, hold a time, book, move and cancel. docs/api.md tells the whole story.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "DoctorStatusEnum": "clinic.models.doctor.Availability",
        "AppointmentStatusEnum": "clinic.api.serializers.appointments.STATUSES",
        "ExceptionKindEnum": "clinic.models.ExceptionKind",
        "FileKindEnum": "records.models.FileKind",
    },
    "TAGS": [
        {"name": "site", "description": "Where everything is"},
        {"name": "auth", "description": "Signing up and in"},
        {"name": "people", "description": "Accounts and patients"},
        {"name": "directory", "description": "Doctors, departments, sites, specialties, visit types"},
        {"name": "time", "description": "Free times"},
        {"name": "booking", "description": "Holding, booking, moving, cancelling"},
        {"name": "records", "description": "Charts, medical records, and who saw them"},
    ],
}

# --- Mail ------------------------------------------------------------------------------------------
globals().update(env.email(debug=DEBUG))
SHOWN_MAIL = BASE_DIR / ".cache" / "mail"
DEFAULT_FROM_EMAIL = env.mailbox("DEFAULT_FROM_EMAIL", f"appointments@{urlsplit(SITE_URL).hostname}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
SMS_CHANNEL = env.sms_channel()

# --- Language and time: instants are stored in UTC and shown in each site's own zone ---------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True
PHONENUMBER_DEFAULT_REGION = env.region("PHONE_REGION", "DE")

# --- Static files ----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = BASE_DIR / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Encrypted, and handed out by one view alone.
    "records": {"BACKEND": "records.storage.Kept", "OPTIONS": {"location": MEDIA_ROOT / "records"}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Security headers and cookies ------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS and not DEBUG
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
# The API is not redirected but refused (scheduler.middleware): what came in the clear is burnt already.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^api/", r"^identity/o/api/"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
# In the session, not in a cookie of their own: what they say concerns a patient.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "scheduler.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Bootstrap draws its check marks and arrows with data: pictures.
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *SIGN_IN_PROVIDERS.origins],
        "frame-ancestors": [NONE],
    }
}
# --- Other sites' scripts (CORS): whom the API answers in a browser --------------------------------
CORS_ALLOWED_ORIGINS = env.origins("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/(api/|identity/o/api/|\.well-known/)"
# With tokens only: no cookie comes along, so that no other site acts in somebody's session.
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CORS_ALLOW_HEADERS = ("authorization", "content-type", "idempotency-key", "if-match", "accept-language")
CORS_EXPOSE_HEADERS = ("ETag", "Retry-After", "X-Request-ID", "Location", "Idempotent-Replayed", "WWW-Authenticate")
CORS_PREFLIGHT_MAX_AGE = 600
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# Bytes, files included. More than a picture may have (accounts.pictures), so that the form can say what is wrong.
LARGEST_BODY = 20 * 1_048_576

# --- Logs (scheduler.logs) -------------------------------------------------------------------------
LOGGING = logs.configuration(debug=DEBUG, level=env.choice("LOG_LEVEL", logs.LEVELS, "INFO"))
