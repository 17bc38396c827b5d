"""System checks of `manage.py check`, most of them with `--deploy` only."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from backoffice.wiring.production import problems
from cases.rules.letters.bank import bank, bank_problems
from cases.rules.wording.word_lists import word_lists
from cases.selectors.contacts.policies import contact_limit_problem
from visits.selectors.policy import problems_of_own_limits


@register(Tags.security, deploy=True)
def check_required_values(app_configs: Any, **_options: Any) -> list[CheckMessage]:
    """Report each setting with which production would refuse to start, also where DOORSTEP_ENV is not production."""
    environment = {
        "DJANGO_SECRET_KEY": settings.SECRET_KEY,
        "DOORSTEP_FIELD_KEYS": settings.FIELD_KEYS,
        "DOORSTEP_INDEX_KEY": settings.INDEX_KEY,
        "DATABASE_URL": "" if settings.EMBEDDED_DATABASE else "given",
        "BROKER_URL": "" if settings.EMBEDDED_BROKER else "given",
        "DJANGO_ALLOWED_HOSTS": ",".join(settings.ALLOWED_HOSTS),
        "DOORSTEP_LENDER_NAME": settings.LENDER_NAME,
        "DOORSTEP_COMPLAINTS_PHONE": settings.COMPLAINTS_PHONE,
    }
    hint = "deploy/doorstep.env.example describes every variable."
    return [Error(problem, hint=hint, id="doorstep.E001") for problem in problems(environment=environment)]


@register(Tags.security, deploy=True)
def check_public_address(app_configs: Any, **_options: Any) -> list[CheckMessage]:
    """Report an address that borrowers could not open: the QR code of each letter begins with it."""
    address = urlsplit(settings.PUBLIC_URL)
    if address.scheme == "https" and address.hostname not in (None, "localhost", "127.0.0.1", "::1"):
        return []
    message = "DOORSTEP_PUBLIC_URL is not an https address that a borrower can open."
    return [Error(message, hint="The QR code of each letter leads to it.", id="doorstep.E002")]


@register(Tags.security, deploy=True)
def check_conduct(app_configs: Any, **_options: Any) -> list[CheckMessage]:
    """Report limits and words of the operator that cannot be used: with them no visit could be planned."""
    found = problems_of_own_limits(own=settings.CONDUCT)
    try:
        word_lists(more=settings.MORE_WORDS)
    except (AttributeError, TypeError, ValueError) as error:
        found.append(f"MORE_WORDS: {error}")
    hint = "docs/conduct.md names the limits, cases/rules/wording/words.toml the lists."
    return [Error(problem, hint=hint, id="doorstep.E004") for problem in found]


@register(Tags.security, deploy=True)
def check_letter_words(app_configs: Any, **_options: Any) -> list[CheckMessage]:
    """Report sentences of letters about decisions that may not go out, also by the operator's own words."""
    try:
        words = word_lists(more=settings.MORE_WORDS)
    except (AttributeError, TypeError, ValueError):
        # `check_conduct` reports the lists themselves.
        return []
    hint = "The sentences stand in cases/rules/letters/bank.toml."
    return [Error(problem, hint=hint, id="doorstep.E005") for problem in bank_problems(bank=bank(), words=words)]


@register(Tags.security, deploy=True)
def check_second_factor(app_configs: Any, **_options: Any) -> list[CheckMessage]:
    """Warn where a password alone opens the admin."""
    if settings.SECOND_FACTOR_REQUIRED:
        return []
    return [Warning("DOORSTEP_SECOND_FACTOR is off: a password alone opens the admin.", id="doorstep.W001")]


@register(Tags.security)
def check_contact_limits(app_configs: Any, **_options: Any) -> list[CheckMessage]:
    """Report limits of contact that are looser than what ships, or none at all: every question would fail."""
    problem = contact_limit_problem()
    if not problem:
        return []
    hint = "docs/contacts.md names the limits. A limit may only be made stricter."
    return [Error(f"DOORSTEP_CONTACT_LIMITS cannot be taken: {problem}", hint=hint, id="doorstep.E003")]
