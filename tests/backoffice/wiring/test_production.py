"""What production refuses to start with."""

import base64
import os
import subprocess
import sys

import pytest
from django.conf import settings

from backoffice.wiring.production import PLACEHOLDER_LENDER, PLACEHOLDER_PHONE, REQUIRED, problems

KEY = base64.urlsafe_b64encode(bytes(range(220, 252))).decode()
GOOD = {
    "DJANGO_SECRET_KEY": "s" * 50,
    "DOORSTEP_FIELD_KEYS": f"1:{KEY}",
    "DOORSTEP_INDEX_KEY": KEY,
    "DATABASE_URL": "postgresql://nobody:none@127.0.0.1:1/none",
    "BROKER_URL": "redis://127.0.0.1:1/0",
    "DJANGO_ALLOWED_HOSTS": "doorstep.example",
    "DOORSTEP_LENDER_NAME": "Example Consumer Finance",
    "DOORSTEP_COMPLAINTS_PHONE": "010-8888-0000",
}


def test_a_complete_environment_has_no_problems():
    assert problems(environment=GOOD) == []
    assert problems(environment=GOOD | {"DOORSTEP_FIELD_KEYS": f"1:{KEY}, 2:{KEY.translate({45: 43, 95: 47})}"}) == []


@pytest.mark.parametrize("name", REQUIRED)
def test_each_required_variable_must_be_set(name):
    assert problems(environment={key: value for key, value in GOOD.items() if key != name}) == [f"{name} is not set."]
    assert problems(environment=GOOD | {name: "  "}) == [f"{name} is not set."]


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("DJANGO_SECRET_KEY", "s" * 49, "has fewer than 50 characters."),
        ("DOORSTEP_FIELD_KEYS", "1:YWJj", "holds key 1, which is not 32 bytes in base64."),
        ("DOORSTEP_FIELD_KEYS", f"1:{KEY},2:", "holds key 2, which is not 32 bytes in base64."),
        ("DOORSTEP_FIELD_KEYS", f"1:{KEY}?", "holds key 1, which is not 32 bytes in base64."),
        ("DOORSTEP_FIELD_KEYS", KEY, "must be a list like 1:KEY,2:KEY with numbers from 0 to 255."),
        ("DOORSTEP_FIELD_KEYS", f"256:{KEY}", "must be a list like 1:KEY,2:KEY with numbers from 0 to 255."),
        ("DOORSTEP_FIELD_KEYS", f"1:{KEY},1:{KEY}", "gives one number to two keys."),
        ("DOORSTEP_INDEX_KEY", "YWJj", "is not at least 32 bytes in base64."),
        ("DJANGO_ALLOWED_HOSTS", "doorstep.example, *", "allows every host (*). Name the hosts of this installation."),
        (
            "DOORSTEP_LENDER_NAME",
            PLACEHOLDER_LENDER,
            "is the name from the demo. Letters to borrowers print it: set the lender's registered name.",
        ),
        (
            "DOORSTEP_COMPLAINTS_PHONE",
            PLACEHOLDER_PHONE,
            "is the number from the demo. Letters to borrowers print it: set the lender's complaints number.",
        ),
    ],
)
def test_an_unsafe_value_is_named_and_not_shown(name, value, problem):
    assert problems(environment=GOOD | {name: value}) == [f"{name} {problem}"]


def start(**environment):
    """Load the settings in a process of its own; return its exit code and the last of what it wrote."""
    outer = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "DOORSTEP_HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", "import backoffice.settings"],
        cwd=settings.BASE_DIR,
        env=outer | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_production_starts_with_a_complete_environment():
    assert start(DOORSTEP_ENV="production", **GOOD) == (0, "")


def test_production_refuses_the_lender_of_the_demo():
    code, written = start(DOORSTEP_ENV="production", **GOOD | {"DOORSTEP_LENDER_NAME": PLACEHOLDER_LENDER})

    assert code == 1
    assert "- DOORSTEP_LENDER_NAME is the name from the demo." in written


def test_an_unknown_kind_of_installation_is_refused():
    code, written = start(DOORSTEP_ENV="prod", **GOOD)

    assert code == 1
    assert "DOORSTEP_ENV is neither development nor production: prod" in written
