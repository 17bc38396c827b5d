"""One file of settings; everything that differs between installations comes from the environment."""

import os
from importlib.util import find_spec
from pathlib import Path

import django_stubs_ext
import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from backoffice import embedded
from backoffice.core import logs
from backoffice.wiring import production
from backoffice.wiring.navigation import UNFOLD  # noqa: F401 - the look and menu of the admin
from backoffice.wiring.rights import DATABASE_RIGHTS  # noqa: F401 - what the running role may do with each table

# Forms and admins name the model that they serve: ModelForm[User].
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

_environment_name = env.str("DOORSTEP_ENV", default="development")
if _environment_name not in ("development", "production"):
    raise ImproperlyConfigured(f"DOORSTEP_ENV is neither development nor production: {_environment_name}")
PRODUCTION = _environment_name == "production"
HOME = embedded.default_home()

if PRODUCTION and (_problems := production.problems(environment=os.environ)):
    raise ImproperlyConfigured("Production does not start with this environment:\n- " + "\n- ".join(_problems))

# --- Secrets: production takes them from the environment; a development home makes and keeps its own. ---
_made_here = {} if PRODUCTION else embedded.secrets(home=HOME)
SECRET_KEY = env.str("DJANGO_SECRET_KEY", default=_made_here.get("DJANGO_SECRET_KEY", ""))
# "1:<base64>,2:<base64>": the key with the highest number seals, and every key opens.
FIELD_KEYS = env.str("DOORSTEP_FIELD_KEYS", default=_made_here.get("DOORSTEP_FIELD_KEYS", ""))
INDEX_KEY = env.str("DOORSTEP_INDEX_KEY", default=_made_here.get("DOORSTEP_INDEX_KEY", ""))

DEBUG = env.bool("DJANGO_DEBUG", default=False)
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("DJANGO_CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_URL = env.str("DOORSTEP_PUBLIC_URL", default="http://127.0.0.1:8000")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "backoffice.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "oauth2_provider",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
    "django_celery_beat",
    "django_structlog",
    "django_prometheus",
    "backoffice.apps.WiringConfig",
    "backoffice.core",
    "backoffice.access",
    "backoffice.audit",
    "backoffice.outbox",
    "cases",
    "visits",
    "reports",
    "backoffice.translation",
    "backoffice.demo",
    "backoffice.bench",
]
if find_spec("django_linear_migrations"):
    # A development package, which refuses two migrations with the same parent.
    INSTALLED_APPS.append("django_linear_migrations")

MIDDLEWARE = [
    "backoffice.wiring.probes.AnswerProbes",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "backoffice.wiring.sessions.RenewSession",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "backoffice.core.client_address.RequestLog",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "backoffice.wiring.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
ASGI_APPLICATION = "backoffice.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "backoffice" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    },
]

# --- Data: PostgreSQL everywhere; the embedded one when no address is given. ---
EMBEDDED_DATABASE = not env.str("DATABASE_URL", default="")
EMBEDDED_BROKER = not env.str("BROKER_URL", default="")
# The program runs as the role of DATABASE_URL. The role of MIGRATION_DATABASE_URL owns the tables; only `migrate`,
# `database_rights` and the benches use it. Without it one role does both (docs/operations.md, "Database roles").
_RUNNING = env.db_url_config(embedded.database_url(home=HOME) if EMBEDDED_DATABASE else env.str("DATABASE_URL"))
_OWNER = env.db_url_config(
    embedded.migration_database_url(home=HOME)
    if EMBEDDED_DATABASE
    else env.str("MIGRATION_DATABASE_URL", default=env.str("DATABASE_URL"))
)
DATABASE_RUNNING_ROLE = _RUNNING["USER"]
DATABASE_OWNER = {part: _OWNER[part] for part in ("USER", "PASSWORD", "HOST", "PORT")}
DATABASES = {
    "default": {
        **_RUNNING,
        "ENGINE": "backoffice.wiring.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
# After this long without an end a chunk of nightly work may be taken over by another worker.
EVALUATION_LEASE_SECONDS = env.int("DOORSTEP_EVALUATION_LEASE_SECONDS", default=120)
# A page may wait three seconds for a lock; a statement of the nightly work sets its own bounds.
DATABASES["default"].setdefault("OPTIONS", {})
# A page answers within three seconds that the database is away.
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 2)
DATABASES["default"]["OPTIONS"]["options"] = "-c lock_timeout=3000 -c idle_in_transaction_session_timeout=300000"
if env.str("DOORSTEP_TEST_DB", default=""):
    # Several test runs beside each other, each with a database of its own.
    DATABASES["default"]["TEST"] = {"NAME": env.str("DOORSTEP_TEST_DB")}
BROKER_URL = embedded.broker_url(home=HOME) if EMBEDDED_BROKER else env.str("BROKER_URL")

# --- The audit trail ---
# Signed checkpoints of the chains: a directory outside the database, in production on another machine, or a prefix in an
# object storage (any storage backend of Django's with its options as JSON).
AUDIT_CHECKPOINTS = env.str("DOORSTEP_AUDIT_CHECKPOINTS", default="" if PRODUCTION else str(HOME / "checkpoints"))
AUDIT_CHECKPOINTS_BACKEND = env.str("DOORSTEP_AUDIT_CHECKPOINTS_BACKEND", default="")
AUDIT_CHECKPOINTS_OPTIONS = env.json("DOORSTEP_AUDIT_CHECKPOINTS_OPTIONS", default={})
# Refuse an audit body that holds what looks like typed text; on in the tests, where it shows before anybody is stopped.
AUDIT_STRICT = False
# "action:key" pairs whose texts are not typed although they look so.
AUDIT_TEXTS: frozenset[str] = frozenset()

# A cache of each process for itself: it only saves repeated counting. Limits (sign-ins, tokens, letter codes) must hold
# across processes and are rows of the database (access/limits.py and axes).
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- People ---
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_CLIENT_IP_CALLABLE = "backoffice.core.client_address.client_address"
# Proxies of our own before the program: how many, or their networks. 0 believes no X-Forwarded-For.
PROXIES = env.str("DOORSTEP_PROXIES", default="0")
AXES_LOCKOUT_CALLABLE = "backoffice.access.lockout.locked_out"
OTP_TOTP_ISSUER = "Doorstep"
SECOND_FACTOR_REQUIRED = env.bool("DOORSTEP_SECOND_FACTOR", default=PRODUCTION)

# --- Languages and time ---
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "backoffice" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("DOORSTEP_TIME_ZONE", default="Asia/Shanghai")

# --- Files: uploads are private; nothing serves MEDIA_ROOT. ---
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "backoffice" / "static"]
MEDIA_ROOT = Path(env.str("DOORSTEP_MEDIA_ROOT", default=str(HOME / "media")))
MEDIA_URL = "/private/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if AUDIT_CHECKPOINTS_BACKEND:
    STORAGES["checkpoints"] = {"BACKEND": AUDIT_CHECKPOINTS_BACKEND, "OPTIONS": AUDIT_CHECKPOINTS_OPTIONS}
WHITENOISE_USE_FINDERS = not PRODUCTION
if not PRODUCTION:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    # Files are served uncollected; whitenoise warns about a missing directory nevertheless.
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
FILE_UPLOAD_PERMISSIONS = 0o600
# Pixels that one photograph of evidence may have, all its pictures together; a decoded pixel takes three bytes.
EVIDENCE_PIXELS_MAX = env.int("DOORSTEP_EVIDENCE_PIXELS_MAX", default=40_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- The browser ---
# Address of map tiles for the day desk, such as https://tiles.example/{z}/{x}/{y}.png; empty draws the map without tiles.
MAP_TILES = env.str("DOORSTEP_MAP_TILES", default="")
MAP_TILES_CREDIT = env.str("DOORSTEP_MAP_TILES_CREDIT", default="")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Alpine (in Unfold) evaluates attribute expressions; Unfold styles inline.
        "script-src": [SELF, "'unsafe-eval'"],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:", *([MAP_TILES.partition("{")[0]] if MAP_TILES else [])],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SESSION_ENGINE = "backoffice.wiring.sessions"
# A session ends this long after its last request, and this long after the sign-in in any case.
SESSION_COOKIE_AGE = env.int("DOORSTEP_SESSION_IDLE_MINUTES", default=30) * 60
SESSION_LONGEST_SECONDS = env.int("DOORSTEP_SESSION_HOURS", default=12) * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "backoffice.wiring.error_pages.csrf_refused"
# /metrics answers requests with this bearer token. Where it is empty, /metrics answers this machine alone.
METRICS_TOKEN = env.str("DOORSTEP_METRICS_TOKEN", default="")
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("DOORSTEP_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# --- REST ---
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "backoffice.core.rest.callers.MachineAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["backoffice.core.rest.callers.DeclaredPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "backoffice.core.rest.callers.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_standardized_errors.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "backoffice.core.rest.answers.exception_handler",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Doorstep",
    "DESCRIPTION": "Accounts, cases, visits and decisions of the back office.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["backoffice.wiring.schema.FullySignedIn"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["drf_standardized_errors.openapi_hooks.postprocess_schema_enums"],
    # Several records have a field `state`, `kind` or `verdict`: each list of values gets a name of its own.
    "ENUM_NAME_OVERRIDES": {
        "SignalAnswerCode": "cases.signal_enums.SignalAnswer",
        "CallBackAnswerCode": "visits.trust_enums.CallBackAnswer",
        "ContradictionSourceCode": "visits.models.contradiction.SOURCES",
        "ContradictionSideCode": "visits.contradiction_enums.Side",
        "ProductCode": "cases.enums.Product",
        "AssetTierCode": "cases.enums.AssetTier",
        "MergeGroundCode": "cases.enums.MergeGround",
        "DecisionGroundCode": "cases.enums.DecisionGround",
        "AccountStatusCode": "cases.enums.AccountStatus",
        "AddressKindCode": "cases.enums.AddressKind",
        "ContactVerdictCode": "cases.enums.ContactVerdict",
        "FlagKindCode": "cases.enums.FlagKind",
        "ChannelCode": "cases.enums.Channel",
        "DirectionCode": "cases.enums.Direction",
        "ContactOutcomeCode": "cases.enums.ContactOutcome",
        "ContactPurposeCode": "cases.enums.ContactPurpose",
        "ContactRuleCode": "cases.enums.ContactRule",
        "PermitStateCode": "cases.enums.PermitState",
        "ContactSourceKindCode": "cases.enums.ContactSourceKind",
        "BreachKindCode": "cases.enums.BreachKind",
        "WishKindCode": "cases.enums.WishKind",
        "CaseStageCode": "cases.enums.CaseStage",
        "CloseReasonCode": "cases.enums.CloseReason",
        "GradeCode": "cases.enums.Grade",
        "PriorityCode": "cases.enums.Priority",
        "CaseEventKindCode": "cases.enums.CaseEventKind",
        "VerificationSourceCode": "cases.enums.VerificationSource",
        "SectionCode": "cases.enums.Section",
        "VerdictCode": "cases.enums.Verdict",
        "DecisionKindCode": "cases.enums.DecisionKind",
        "OwnDecisionKindCode": "cases.enums.OWN_KINDS",
        "WaiverPartCode": "cases.enums.WaiverPart",
        "WaiverStateCode": "cases.enums.WaiverState",
        "BudgetStateCode": "cases.enums.BudgetState",
        "LegalStepKindCode": "cases.enums.LegalStepKind",
        "DecisionStateCode": "cases.enums.DecisionState",
        "DecisionOriginCode": "cases.enums.DecisionOrigin",
        "PlanStateCode": "cases.enums.PlanState",
        "PlanMethodCode": "cases.enums.PlanMethod",
        "TermsFieldCode": "cases.enums.TermsField",
        "ComplaintKindCode": "cases.enums.ComplaintKind",
        "ComplaintStateCode": "cases.enums.ComplaintState",
        "ComplaintTopicCode": "cases.enums.ComplaintTopic",
        "NewComplaintTopicCode": "cases.enums.NEW_TOPICS",
        "DecisionLetterKindCode": "cases.enums.LetterKind",
        "DecisionLetterStateCode": "cases.enums.LetterState",
        "LetterReportCode": "cases.enums.LetterReport",
        "LetterChannelCode": "cases.enums.LetterChannel",
        "IntakeStateCode": "cases.enums.IntakeState",
        "PolicyStateCode": "cases.enums.PolicyState",
        "TrialKindCode": "cases.enums.TrialKind",
        "TrialStateCode": "cases.enums.TrialState",
        "IntakeModeCode": "cases.enums.IntakeMode",
        "VisitStateCode": "visits.enums.VisitState",
        "VisitPurposeCode": "visits.enums.VisitPurpose",
        "FindingCode": "visits.enums.Finding",
        "PersonMetCode": "visits.enums.PersonMet",
        "DisclosureCode": "visits.enums.Disclosure",
        "DocumentKindCode": "visits.enums.DocumentKind",
        "DocumentVerdictCode": "visits.enums.DocumentVerdict",
        "AgencyStateCode": "visits.enums.AgencyState",
        "EntryStateCode": "visits.enums.EntryState",
        "CredentialKindCode": "visits.enums.CredentialKind",
        "CrewStateCode": "visits.enums.CrewState",
        "ScreeningCode": "visits.enums.Screening",
        "FeeBasisCode": "visits.enums.FeeBasis",
        "PlacementStateCode": "visits.enums.PlacementState",
        "StatementStateCode": "visits.enums.StatementState",
        "StatementLineStateCode": "visits.enums.LineState",
        "EvidenceKindCode": "visits.enums.EvidenceKind",
        "EvidenceStateCode": "visits.enums.EvidenceState",
        "ReviewVerdictCode": "visits.enums.ReviewVerdict",
        "RecommendationCode": "visits.enums.Recommendation",
        "AddressVerdictCode": "visits.enums.AddressVerdict",
        "AgreementKindCode": "visits.enums.AgreementKind",
        "LetterAnswerKindCode": "visits.enums.LetterAnswerKind",
        "LetterProofCode": "visits.enums.LetterProof",
        "PaperKindCode": "visits.enums.PaperKind",
        "AnswerOutcomeCode": "visits.enums.AnswerOutcome",
    },
    "OAUTH2_FLOWS": ["clientCredentials"],
    "OAUTH2_TOKEN_URL": "/o/token/",
}
OAUTH2_PROVIDER = {
    "SCOPES": {
        "portfolio:write": _("Feed accounts, statements, repayments and contacts"),
        "cases:read": _("Read accounts, cases and decisions"),
        "visits:read": _("Read visits"),
        "visits:write": _("Accept visits, check in and report"),
        "agencies:write": _("Enter agencies, their papers and prices"),
        "terms:write": _("Acknowledge terms changes"),
        "letters:deliver": _("Fetch letters to borrowers and report how they arrived"),
        "contacts:ask": _("Ask whether a person may be contacted"),
    },
    # A client may ask only for the scopes of its machine user.
    "SCOPES_BACKEND_CLASS": "backoffice.access.clients.ClientScopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "PKCE_REQUIRED": True,
    # RFC 9700 recommends these; the database holds tokens as hashes.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}

# --- Queue: work is rows of the database; a message only shortens the wait. ---
CELERY = {
    "broker_url": BROKER_URL,
    "broker_connection_retry_on_startup": True,
    "broker_transport_options": {
        "visibility_timeout": 600,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "health_check_interval": 25,
    },
    "task_ignore_result": True,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_time_limit": 300,
    "task_soft_time_limit": 240,
    "task_serializer": "json",
    "accept_content": ["json"],
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 500,
    "worker_max_memory_per_child": 400_000,
    "worker_soft_shutdown_timeout": 20,
    "worker_hijack_root_logger": False,
    "worker_send_task_events": False,
    "beat_scheduler": "backoffice.wiring.scheduler:WatchedScheduler",
    "beat_max_loop_interval": 30,
    "timezone": TIME_ZONE,
    # The schedules of a new installation; afterwards the administrator changes them as rows.
    "beat_schedule": {
        "worker-sign": {
            "task": "backoffice.wiring.tasks.give_worker_sign",
            "schedule": 30.0,
            # A worker that was away runs only the newest of these tasks.
            "options": {"expire_seconds": 25},
        },
        "sweep-intake": {"task": "cases.tasks.sweep_intake", "schedule": 60.0},
        "sweep-evaluation": {"task": "cases.tasks.sweep_evaluation", "schedule": 60.0},
        "evaluate-due": {"task": "cases.tasks.evaluate_due", "schedule": 30.0},
        "sweep-trials": {"task": "cases.tasks.sweep_trials", "schedule": crontab(minute="*/5")},
        "agency-papers": {"task": "visits.tasks.recount_papers", "schedule": crontab(hour=0, minute=5)},
        "visit-prices": {"task": "visits.tasks.push_visit_prices", "schedule": crontab(hour=1, minute=45)},
        "keep-history": {"task": "cases.tasks.keep_history", "schedule": crontab(hour=1, minute=15)},
        "nightly-evaluation": {"task": "cases.tasks.evaluate_nightly", "schedule": crontab(hour=2, minute=0)},
        "nightly-standing": {"task": "cases.tasks.standing_nightly", "schedule": crontab(hour=4, minute=0)},
        "case-deadlines": {"task": "cases.tasks.sweep_case_deadlines", "schedule": crontab(minute=15)},
        "suggest-people": {"task": "cases.tasks.suggest_people", "schedule": crontab(hour=0, minute=45)},
        "contact-permits-expiring": {
            "task": "cases.tasks.expire_contact_permits",
            "schedule": crontab(minute="*/10"),
        },
        "promises-due": {"task": "cases.tasks.settle_promises", "schedule": crontab(hour=1, minute=0)},
        "check-terms": {"task": "cases.tasks.check_terms", "schedule": crontab(minute="5-59/10")},
        "decisions-expiring": {"task": "cases.tasks.expire_decisions", "schedule": crontab(hour=1, minute=30)},
        "visits-needed": {"task": "visits.tasks.sweep_visits_needed", "schedule": crontab(minute="*/10")},
        "sweep-planning": {"task": "visits.tasks.sweep_planning", "schedule": 60.0},
        "sweep-evidence": {"task": "visits.tasks.sweep_evidence", "schedule": 60.0},
        "forget-parts": {"task": "visits.tasks.forget_parts", "schedule": crontab(minute=50)},
        "forget-locked": {"task": "visits.tasks.forget_locked", "schedule": crontab(hour=3, minute=20)},
        "check-files": {"task": "visits.tasks.check_files", "schedule": crontab(hour=2, minute=45)},
        # Three days in a row: a first day on which nothing ran is made up for, and reports accepted meanwhile are added.
        "agency-statements": {
            "task": "visits.tasks.build_statements",
            "schedule": crontab(day_of_month="1-3", hour=5, minute=30),
        },
        "contradictions": {"task": "visits.tasks.recheck_contradictions", "schedule": crontab(hour=3, minute=20)},
        "placements-ending": {"task": "visits.tasks.sweep_placements", "schedule": crontab(hour=3, minute=0)},
        "audit-checkpoint": {
            "task": "backoffice.audit.tasks.write_audit_checkpoint",
            "schedule": crontab(minute="*/10"),
        },
        "outbox-relay": {"task": "backoffice.outbox.tasks.relay", "schedule": 30.0},
        "forget-answers": {"task": "backoffice.outbox.tasks.forget_answers", "schedule": crontab(minute=35)},
        "forget-attempts": {"task": "backoffice.access.tasks.forget_attempts", "schedule": crontab(minute=40)},
        "forget-sessions": {"task": "backoffice.access.tasks.forget_sessions", "schedule": crontab(hour=3, minute=40)},
        "exports": {"task": "reports.tasks.sweep_exports", "schedule": crontab(minute="*/10")},
        "legal-bundles": {"task": "reports.tasks.sweep_bundles", "schedule": crontab(minute="*/10")},
        "daily-position": {"task": "reports.tasks.write_daily_position", "schedule": crontab(hour=5, minute=0)},
    },
}
# Hosts on private networks that outgoing events may reach (the lender's core on the same network).
OUTBOX_PRIVATE_HOSTS = env.list("DOORSTEP_OUTBOX_PRIVATE_HOSTS", default=[] if PRODUCTION else ["127.0.0.1"])

# --- Routes of a day. The address of a routing server (OSRM), which is told the coordinates of stops; empty: straight lines. ---
ROUTING_URL = env.str("DOORSTEP_ROUTING_URL", default="")
# How long the planner waits for all its answers together before it takes straight lines.
ROUTING_SECONDS = env.float("DOORSTEP_ROUTING_SECONDS", default=10.0)

# --- The lender, as letters to borrowers name it. Production refuses to start with these defaults. ---
LENDER_NAME = env.str("DOORSTEP_LENDER_NAME", default=production.PLACEHOLDER_LENDER)
COMPLAINTS_PHONE = env.str("DOORSTEP_COMPLAINTS_PHONE", default=production.PLACEHOLDER_PHONE)

# The operator's stricter limits of contact by jurisdiction, as JSON; a looser one is refused (docs/contacts.md).
CONTACT = env.json("DOORSTEP_CONTACT_LIMITS", default={})
# --- Conduct. Both only tighten what is shipped; `manage.py check --deploy` reads them. ---
# Stricter limits by jurisdiction: {"CN": {"notice_min_hours": 48, "visit_until": "19:00"}}.
CONDUCT = env.json("DOORSTEP_CONDUCT", default={})
# More words that texts are searched for, by list (cases/rules/wording/words.toml): {"claim": ["..."]}.
MORE_WORDS = env.json("DOORSTEP_MORE_WORDS", default={})

# --- Logs: structured, ids only. ---
logs.set_up()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "structlog.stdlib.ProcessorFormatter", "processor": logs.render},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["console"],
        "level": env.str("DOORSTEP_LOG_LEVEL", default="INFO" if PRODUCTION else "WARNING"),
    },
    "loggers": {"django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}

# Tests with real portfolios read them here, and are skipped where files are missing.
REAL_DATA = Path(env.str("DOORSTEP_DATA", default=str(BASE_DIR / "data")))
