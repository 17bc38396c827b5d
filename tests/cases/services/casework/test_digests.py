"""Digests that prove what a sealed text was."""

from cases.services.casework.digests import text_digest


def test_text_digest_is_the_same_for_the_same_text_and_kind_only():
    digest = text_digest(text="Evidence read", kind="decision.note")

    assert (len(digest), digest) == (32, text_digest(text="Evidence read", kind="decision.note"))
    assert digest != text_digest(text="Evidence read ", kind="decision.note")
    assert digest != text_digest(text="Evidence read", kind="complaint.answer")


def test_text_digest_of_nothing_is_empty():
    assert text_digest(text="", kind="decision.note") == ""


def test_text_digest_depends_on_the_key(settings):
    before = text_digest(text="x", kind="decision.note")
    settings.INDEX_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

    assert text_digest(text="x", kind="decision.note") != before
