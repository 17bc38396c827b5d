"""
Another person's password or second factor: one administrator requests, a second one confirms.

Whoever sets both alone could sign in as an approver and approve their own proposals. Where there is only one
administrator (a new installation), `manage.py set_credentials` on the server does the same without a second person.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import CredentialKind, CredentialRequest, CredentialState, User
from backoffice.access.roles import Role
from backoffice.access.second_factor import remove_second_factor
from backoffice.access.services import strong_hash
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, SelfApproval, StateConflict
from backoffice.core.transitions import may

# A request that nobody confirms for this long is of no use any more: it can only be refused.
LONGEST_WAIT: Final = timedelta(days=3)
REQUEST_PERMISSION: Final = "access.change_user"
DECIDE_PERMISSION: Final = "access.decide_credentialrequest"


@transaction.atomic
def request_password(*, user: User, password: str, reason: str, actor: User, at: datetime) -> CredentialRequest:
    """
    Request a new password for another person; nothing changes until another administrator confirms.

    :raises NotAllowed: if the actor may not change people.
    :raises InvalidInput: if the password is too weak, the person is the actor or a program, or a request waits already.
    """
    _check_request(user=user, kind=CredentialKind.PASSWORD, actor=actor)
    hashed = strong_hash(user=user, password=password)
    return _request(user=user, kind=CredentialKind.PASSWORD, password_hash=hashed, reason=reason, actor=actor, at=at)


@transaction.atomic
def request_second_factor_removal(*, user: User, reason: str, actor: User, at: datetime) -> CredentialRequest:
    """
    Request that a person's second factor is removed, because they lost it; another administrator confirms.

    :raises NotAllowed: if the actor may not change people.
    :raises InvalidInput: if the person is the actor or a program, or a request waits already.
    """
    _check_request(user=user, kind=CredentialKind.SECOND_FACTOR, actor=actor)
    return _request(user=user, kind=CredentialKind.SECOND_FACTOR, password_hash="", reason=reason, actor=actor, at=at)


@transaction.atomic
def confirm_request(*, request: CredentialRequest, actor: User, at: datetime) -> None:
    """
    Carry out a request: set the password or remove the second factor, and end all sessions of the person.

    :raises NotAllowed: if the actor may not decide about requests.
    :raises SelfApproval: if the actor made the request.
    :raises InvalidInput: if the request is about the actor's own credentials.
    :raises StateConflict: if the request is decided already, or older than three days.
    """
    _check_decision(request=request, actor=actor)
    _decide(request=request, state=CredentialState.CONFIRMED, actor=actor, at=at, not_before=at - LONGEST_WAIT)
    _carry_out(user=request.user, kind=request.kind, password_hash=request.password_hash)
    record(actor=actor, action="credentials.confirmed", subject=request, at=at, body=_body(request))


@transaction.atomic
def refuse_request(*, request: CredentialRequest, actor: User, at: datetime) -> None:
    """
    Refuse a request; whoever made it may take it back in the same way.

    :raises NotAllowed: if the actor may not decide about requests.
    :raises InvalidInput: if the request is about the actor's own credentials.
    :raises StateConflict: if the request is decided already.
    """
    may(actor=actor, permission=DECIDE_PERMISSION)
    if actor.pk == request.user_id:
        raise InvalidInput(_("Another administrator must decide about your own credentials."))
    _decide(request=request, state=CredentialState.REFUSED, actor=actor, at=at)
    record(actor=actor, action="credentials.refused", subject=request, at=at, body=_body(request))


@transaction.atomic
def set_credentials_on_server(*, user: User, password: str, remove_factor: bool, at: datetime) -> None:
    """
    Set a password (if one is given) or remove the second factor, by whoever works on the server itself.

    :raises InvalidInput: if the password is too weak, or the user is a program.
    """
    _refuse_programs(user=user)
    kinds = []
    if password:
        hashed = strong_hash(user=user, password=password)
        _carry_out(user=user, kind=CredentialKind.PASSWORD, password_hash=hashed)
        kinds.append(str(CredentialKind.PASSWORD))
    if remove_factor:
        _carry_out(user=user, kind=CredentialKind.SECOND_FACTOR, password_hash="")
        kinds.append(str(CredentialKind.SECOND_FACTOR))
    record(actor=None, action="credentials.set_on_server", subject=user, at=at, body={"kinds": kinds})


@transaction.atomic
def untold_changes(*, user: User, at: datetime) -> list[CredentialRequest]:
    """Return the confirmed requests about a person that they have not been told of, and note that they are now."""
    rows = CredentialRequest.objects.select_for_update(no_key=True).filter(
        user=user, state=CredentialState.CONFIRMED, told_at__isnull=True
    )
    found = list(rows.order_by("decided_at", "pk"))
    CredentialRequest.objects.filter(pk__in=[request.pk for request in found]).update(told_at=at, updated_at=at)
    return found


def _check_request(*, user: User, kind: CredentialKind, actor: User) -> None:
    may(actor=actor, permission=REQUEST_PERMISSION)
    _refuse_programs(user=user)
    if actor.pk == user.pk:
        raise InvalidInput(_("Another administrator must request this for you; your own password you change yourself."))
    # The lock keeps two requests of the same moment from both passing this check.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if CredentialRequest.objects.filter(user=user, kind=kind, state=CredentialState.PENDING).exists():
        raise InvalidInput(_("A request for this person waits already. It must be confirmed or refused first."))


def _refuse_programs(*, user: User) -> None:
    if user.role == Role.MACHINE:
        raise InvalidInput(_("A program signs in with its client secret."), field="password")


def _request(
    *, user: User, kind: CredentialKind, password_hash: str, reason: str, actor: User, at: datetime
) -> CredentialRequest:
    request = CredentialRequest.objects.create(
        user=user,
        kind=kind,
        password_hash=password_hash,
        reason=reason,
        requested_by=actor,
        requested_at=at,
        updated_at=at,
    )
    record(actor=actor, action="credentials.requested", subject=request, at=at, body=_body(request))
    return request


def _check_decision(*, request: CredentialRequest, actor: User) -> None:
    may(actor=actor, permission=DECIDE_PERMISSION)
    if actor.pk == request.requested_by_id:
        raise SelfApproval
    if actor.pk == request.user_id:
        raise InvalidInput(_("Another administrator must decide about your own credentials."))


def _decide(
    *,
    request: CredentialRequest,
    state: CredentialState,
    actor: User,
    at: datetime,
    not_before: datetime | None = None,
) -> None:
    """Note who decided; of two who decide at once the second gets StateConflict. The hash is kept no longer."""
    rows = CredentialRequest.objects.filter(pk=request.pk, state=CredentialState.PENDING)
    if not_before is not None:
        rows = rows.filter(requested_at__gte=not_before)
    if rows.update(state=state, decided_by=actor, decided_at=at, updated_at=at, password_hash="") != 1:
        raise StateConflict


def _carry_out(*, user: User, kind: str, password_hash: str) -> None:
    if kind == CredentialKind.PASSWORD:
        User.objects.filter(pk=user.pk).update(password=password_hash, session_epoch=F("session_epoch") + 1)
    else:
        remove_second_factor(user=user)
        User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)


def _body(request: CredentialRequest) -> dict[str, object]:
    return {"user": request.user_id, "kind": str(request.kind)}
