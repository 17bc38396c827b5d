"""Requests for credentials are seen by administrators and auditors only."""

from backoffice.access.credentials import request_password
from backoffice.access.models import CredentialRequest


def test_requests_are_seen_by_administrators_and_auditors(officer, approver, administrator, auditor, at):
    request_password(user=officer, password="a-long-Passphrase-7", reason="new", actor=administrator, at=at)

    counts = [CredentialRequest.objects.visible_to(who).count() for who in (administrator, auditor, approver, officer)]
    assert counts == [1, 1, 0, 0]
