"""The checks of `manage.py check --deploy`."""

from backoffice.wiring.checks import (
    check_conduct,
    check_contact_limits,
    check_letter_words,
    check_public_address,
    check_required_values,
    check_second_factor,
)
from backoffice.wiring.production import PLACEHOLDER_LENDER, PLACEHOLDER_PHONE


def test_a_development_installation_is_told_what_production_refuses(settings):
    settings.LENDER_NAME, settings.COMPLAINTS_PHONE = PLACEHOLDER_LENDER, PLACEHOLDER_PHONE
    settings.ALLOWED_HOSTS = ["*"]
    settings.EMBEDDED_DATABASE, settings.EMBEDDED_BROKER = True, False

    found = check_required_values(app_configs=None)

    assert [(error.id, error.msg.split()[0]) for error in found] == [
        ("doorstep.E001", "DATABASE_URL"),
        ("doorstep.E001", "DJANGO_ALLOWED_HOSTS"),
        ("doorstep.E001", "DOORSTEP_LENDER_NAME"),
        ("doorstep.E001", "DOORSTEP_COMPLAINTS_PHONE"),
    ]


def test_the_address_in_letters_must_open_for_a_borrower(settings):
    found = {}
    for address in (
        "http://127.0.0.1:8000",
        "https://localhost",
        "http://doorstep.example",
        "https://doorstep.example",
    ):
        settings.PUBLIC_URL = address
        found[address] = [error.id for error in check_public_address(app_configs=None)]

    assert found == {
        "http://127.0.0.1:8000": ["doorstep.E002"],
        "https://localhost": ["doorstep.E002"],
        "http://doorstep.example": ["doorstep.E002"],
        "https://doorstep.example": [],
    }


def test_a_missing_second_factor_is_a_warning(settings):
    settings.SECOND_FACTOR_REQUIRED = False
    assert [warning.id for warning in check_second_factor(app_configs=None)] == ["doorstep.W001"]

    settings.SECOND_FACTOR_REQUIRED = True
    assert check_second_factor(app_configs=None) == []


def test_limits_of_contact_that_are_no_stricter_ones_are_reported(settings):
    found = []
    for limits in ({}, {"CN": {"conversations_a_day": 2}}, {"CN": {"conversations_a_day": 4}}, {"XX": {}}):
        settings.CONTACT = limits
        found.append([(error.id, error.msg) for error in check_contact_limits(app_configs=None)])

    refused = "DOORSTEP_CONTACT_LIMITS cannot be taken:"
    assert found == [
        [],
        [],
        [("doorstep.E003", f"{refused} CN: conversations_a_day")],
        [("doorstep.E003", f"{refused} no such jurisdiction: XX")],
    ]


def test_limits_and_words_that_cannot_be_used_are_named(settings):
    settings.CONDUCT, settings.MORE_WORDS = {"CN": {"notice_min_hours": 48}}, {"claim": ["x"]}
    assert check_conduct(app_configs=None) == []

    settings.CONDUCT, settings.MORE_WORDS = {"CN": {"notice_min_hours": 12}}, {"threats": ["x"]}
    assert [(error.id, error.msg.partition(":")[0]) for error in check_conduct(app_configs=None)] == [
        ("doorstep.E004", "CONDUCT of CN"),
        ("doorstep.E004", "MORE_WORDS"),
    ]


def test_sentences_of_letters_that_may_not_go_out_are_named(settings):
    assert check_letter_words(app_configs=None) == []

    settings.MORE_WORDS = {"claim": ["mediation"]}
    path = "what.TAKEN.LEGAL, en: “mediation” may not stand there (CLAIM)."
    assert [(error.id, error.msg) for error in check_letter_words(app_configs=None)] == [("doorstep.E005", path)]

    # Lists that cannot be read are reported once, by the check of the lists.
    settings.MORE_WORDS = {"threats": ["x"]}
    assert check_letter_words(app_configs=None) == []
