"""Writing through REST: parse, find the record within scope, call one service, answer once for each key."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Model
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer

from backoffice.core.rest.api import ScopedViewSet
from backoffice.core.rest.parsing import BoundedJSONParser
from backoffice.outbox import idempotency

REPLAYED = "Idempotency-Replayed"
KEY = OpenApiParameter(
    name="Idempotency-Key",
    type=OpenApiTypes.STR,
    location=OpenApiParameter.HEADER,
    required=False,
    description="At most 255 printable characters. The same key with the same body is answered from store and has no second effect.",
)


class NoInput(Serializer[Any]):
    """The input of an action that takes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRequest:
    """One request to do something: the record (within scope), who asks, when, and what was given."""

    request: Request
    record: Any
    given: dict[str, Any]
    actor: Any
    at: datetime

    @property
    def business_date(self) -> date:
        """The day of the request in the office's time zone."""
        return timezone.localtime(self.at).date()


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an action returns when its work goes on after the answer: 202 with the record as it is now."""

    record: Any


def write_action(
    *,
    gives: type[BaseSerializer[Any]],
    takes: type[Serializer[Any]] = NoInput,
    detail: bool = True,
    path: str | None = None,
    files: bool = False,
    status: int = 200,
    in_parts: bool = False,
    accepted: bool = False,
    summary: str = "",
) -> Callable[[Callable[[Any, WriteRequest], Any]], Any]:
    """
    Make a method `carry_out(self, call)` a POST door that calls one service and returns the record to answer with.

    The answer, its effect and the Idempotency-Key are committed together; a refusal leaves nothing behind. `path` is
    the last part of the address ("" for the collection itself). With `files` the door takes multipart instead of JSON.
    `in_parts` is for work that commits in parts and is harmless when it is begun again. With `accepted` the method may
    return `Accepted(record)`.
    """

    def decorate(method: Callable[[Any, WriteRequest], Any]) -> Any:
        def carry_out(view: ScopedViewSet, request: Request, at: datetime) -> idempotency.Answer:
            record = view.get_object() if detail else None
            given = takes(data=_mapping(request), context={**view.get_serializer_context(), "record": record})
            given.is_valid(raise_exception=True)
            done = method(
                view,
                WriteRequest(request=request, record=record, given=given.validated_data, actor=request.user, at=at),
            )
            answered = status
            if isinstance(done, Accepted):
                done, answered = done.record, 202
            body = _plain(gives(_as_shown(view, done), context=view.get_serializer_context()).data)
            shown = (done._meta.label_lower, done.pk) if isinstance(done, Model) else ("", None)
            return idempotency.Answer(status=answered, body=body, record_type=shown[0], record_id=shown[1])

        @wraps(method)
        def door(self: ScopedViewSet, request: Request, *args: Any, **kwargs: Any) -> Response:
            at = timezone.now()
            asked = _bound_request(request)
            answer = _in_parts if in_parts else _at_once
            return answer(
                asked=asked,
                work=lambda: carry_out(self, request, at),
                replay=lambda kept: _replayed(self, kept, detail=detail),
                at=at,
            )

        door.takes = takes  # type: ignore[attr-defined]
        routed: Any = door
        # The collection's own POST needs no address: the router maps it by its name, `create`.
        if path != "":
            routed = action(
                detail=detail,
                methods=["post"],
                url_path=path or method.__name__.replace("_", "-"),
                parser_classes=[MultiPartParser if files else BoundedJSONParser],
                pagination_class=None,
                filterset_class=None,
            )(door)
        return extend_schema(
            request={"multipart/form-data": takes} if files else (None if takes is NoInput else takes),
            responses={status: gives} | ({202: gives} if accepted else {}),
            parameters=[KEY],
            summary=summary or None,
            filters=False,
        )(routed)

    return decorate


def _at_once(
    *,
    asked: idempotency.Request | None,
    work: Callable[[], idempotency.Answer],
    replay: Callable[[idempotency.Answer], Response],
    at: datetime,
) -> Response:
    """Do the work and keep its answer in one transaction."""
    with transaction.atomic():
        answered = idempotency.claim(request=asked) if asked else None
        if answered is not None:
            return replay(answered)
        answer = work()
        if asked is not None:
            idempotency.keep(request=asked, answer=answer, at=at)
    return Response(answer.body, status=answer.status)


def _in_parts(
    *,
    asked: idempotency.Request | None,
    work: Callable[[], idempotency.Answer],
    replay: Callable[[idempotency.Answer], Response],
    at: datetime,
) -> Response:
    """Hold the key while the work commits in parts."""
    answered = idempotency.hold(request=asked, at=at) if asked else None
    if answered is not None:
        return replay(answered)
    try:
        answer = work()
    except BaseException:
        if asked is not None:
            idempotency.release(request=asked)
        raise
    if asked is not None:
        idempotency.keep(request=asked, answer=answer, at=at)
    return Response(answer.body, status=answer.status)


def _replayed(view: ScopedViewSet, answer: idempotency.Answer, *, detail: bool) -> Response:
    """
    Return the kept answer again, if the caller may still see the records that it is about.

    :raises Http404: if the record of the address or of the answer is no longer visible to the caller.
    """
    if detail:
        view.get_object()
    if answer.record_type:
        shown = apps.get_model(answer.record_type)._default_manager
        if not shown.visible_to(view.request.user).filter(pk=answer.record_id).exists():
            raise Http404
    return Response(answer.body, status=answer.status, headers={REPLAYED: "true"})


def _as_shown(view: ScopedViewSet, done: Any) -> Any:
    """Return the record as the door's own queryset gives it; as it is where the action ended what the caller may see of it."""
    if isinstance(done, Model) and isinstance(done, view.model):
        return view.get_queryset().filter(pk=done.pk).first() or done
    return done


def _bound_request(request: Request) -> idempotency.Request | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key or len(key) > idempotency.MAX_KEY_LENGTH or not key.isprintable() or not key.isascii():
        raise ValidationError({"Idempotency-Key": [_("A key has 1 to 255 printable ASCII characters.")]})
    return idempotency.Request(
        caller=f"user:{request.user.pk}", key=key, route=request.path[:200], body_hash=_body_hash(request)
    )


def _body_hash(request: Request) -> bytes:
    """Hash what was sent, not how: a retried upload has another boundary and another file name on disk."""
    digest = hashlib.sha256()
    data = request.data
    if not isinstance(data, QueryDict):
        digest.update(json.dumps(data, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        return digest.digest()
    for name in sorted(data):
        for value in data.getlist(name):
            digest.update(json.dumps(name).encode())
            if isinstance(value, UploadedFile):
                content = hashlib.sha256()
                for chunk in value.chunks():
                    content.update(chunk)
                value.seek(0)
                digest.update(content.digest())
            else:
                digest.update(json.dumps(value).encode())
    return digest.digest()


def _mapping(request: Request) -> Any:
    """Return what was sent; an empty body is an empty object."""
    return request.data or {}


def _plain(data: Any) -> Any:
    """Return the answer as JSON holds it, so that the stored answer is the one that was sent."""
    return json.loads(JSONRenderer().render(data))
