"""What happens around a sign-in: failures counted by address, and a notice of credentials that somebody else set."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.access.credentials import untold_changes
from backoffice.access.limits import SIGN_IN, count_attempt, is_over_limit
from backoffice.access.models import CredentialKind, User
from backoffice.core.client_address import client_site

_NOTICES = {
    CredentialKind.PASSWORD: _(
        "Two administrators set a new password for you on %(day)s. Was that not agreed with you? Report it at once."
    ),
    CredentialKind.SECOND_FACTOR: _(
        "Two administrators removed your second factor on %(day)s. Was that not agreed with you? Report it at once."
    ),
}


def too_many_failures(*, request: HttpRequest) -> bool:
    """Return whether the client's address has used up its failed sign-ins (SIGN_IN: 50 in 15 minutes, any names)."""
    return is_over_limit(limit=SIGN_IN, caller=client_site(request), at=timezone.now())


def after_sign_in(*, request: HttpRequest, answer: HttpResponse) -> None:
    """Count a failed sign-in; after a successful one show the person what was done to their credentials."""
    at = timezone.now()
    if answer.status_code != 302 or not isinstance(request.user, User):
        count_attempt(limit=SIGN_IN, caller=client_site(request), at=at)
        return
    for change in untold_changes(user=request.user, at=at):
        day = timezone.localtime(change.decided_at).date().isoformat()
        messages.warning(request, str(_NOTICES[CredentialKind(change.kind)]) % {"day": day})
