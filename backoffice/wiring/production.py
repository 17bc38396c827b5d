"""What an installation must set before it may serve real borrowers. The settings and the deployment checks ask here."""

import base64
import binascii
from collections.abc import Iterator, Mapping

# Values of the demo. Letters to borrowers print both, so production must have values of its own.
PLACEHOLDER_LENDER = "示例消费金融有限公司"
PLACEHOLDER_PHONE = "400-000-0000"

KEY_BYTES = 32
# Django's own deployment check (security.W009) asks for the same length.
SECRET_KEY_CHARACTERS = 50
# A sealed value stores the number of its key in one byte.
KEY_NUMBERS = range(256)
REQUIRED = (
    "DJANGO_SECRET_KEY",
    "DOORSTEP_FIELD_KEYS",
    "DOORSTEP_INDEX_KEY",
    "DATABASE_URL",
    "BROKER_URL",
    "DJANGO_ALLOWED_HOSTS",
    "DOORSTEP_LENDER_NAME",
    "DOORSTEP_COMPLAINTS_PHONE",
)


def problems(*, environment: Mapping[str, str]) -> list[str]:
    """
    Return why production must not start with this environment, a sentence for each reason; empty if it may.

    A sentence names the variable and never its value: the values are secrets.
    """
    missing = [name for name in REQUIRED if not environment.get(name, "").strip()]
    found = [f"{name} is not set." for name in missing]
    checks = {
        "DJANGO_SECRET_KEY": _secret_key_problems,
        "DOORSTEP_FIELD_KEYS": _field_key_problems,
        "DOORSTEP_INDEX_KEY": _index_key_problems,
        "DJANGO_ALLOWED_HOSTS": _host_problems,
        "DOORSTEP_LENDER_NAME": _lender_problems,
        "DOORSTEP_COMPLAINTS_PHONE": _phone_problems,
    }
    for name, check in checks.items():
        if name not in missing:
            found += [f"{name} {problem}" for problem in check(environment[name].strip())]
    return found


def _secret_key_problems(value: str) -> Iterator[str]:
    if len(value) < SECRET_KEY_CHARACTERS:
        yield f"has fewer than {SECRET_KEY_CHARACTERS} characters."


def _field_key_problems(value: str) -> Iterator[str]:
    numbers = []
    for part in value.split(","):
        number, _colon, encoded = part.strip().partition(":")
        if not (number.isascii() and number.isdigit() and int(number) in KEY_NUMBERS):
            yield "must be a list like 1:KEY,2:KEY with numbers from 0 to 255."
            return
        numbers.append(int(number))
        if _decoded_length(encoded) != KEY_BYTES:
            yield f"holds key {int(number)}, which is not {KEY_BYTES} bytes in base64."
    if len(set(numbers)) != len(numbers):
        yield "gives one number to two keys."


def _index_key_problems(value: str) -> Iterator[str]:
    if _decoded_length(value) < KEY_BYTES:
        yield f"is not at least {KEY_BYTES} bytes in base64."


def _host_problems(value: str) -> Iterator[str]:
    if "*" in [host.strip() for host in value.split(",")]:
        yield "allows every host (*). Name the hosts of this installation."


def _lender_problems(value: str) -> Iterator[str]:
    if value == PLACEHOLDER_LENDER:
        yield "is the name from the demo. Letters to borrowers print it: set the lender's registered name."


def _phone_problems(value: str) -> Iterator[str]:
    if value == PLACEHOLDER_PHONE:
        yield "is the number from the demo. Letters to borrowers print it: set the lender's complaints number."


def _decoded_length(encoded: str) -> int:
    """Return how many bytes a base64 text stands for, in either alphabet; 0 if it is not base64."""
    try:
        return len(base64.b64decode(encoded.translate(str.maketrans("-_", "+/")), validate=True))
    except (binascii.Error, ValueError):
        return 0
