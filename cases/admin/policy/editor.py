"""The policy editor: a page over a draft's body, its checks after every pause, and saving that overwrites nobody."""

import json
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import DoorstepError, InvalidInput, StateConflict
from cases.admin.policy.editor_answers import checked, counts_answer
from cases.admin.policy.editor_catalogue import editor_catalogue, editor_texts
from cases.admin.policy.version_pages import page_button, policy_page, version_of
from cases.enums import PolicyState
from cases.models import PolicyVersion
from cases.rules.policy.default_policy import with_house_settings
from cases.rules.policy.faults import faults_of
from cases.rules.policy.json_text import LARGEST_BYTES, read_policy_text
from cases.selectors.policies.draft_counts import segments_known
from cases.services.policies import versions

TEMPLATE: Final = "admin/cases/policy_editor.html"
_EDIT: Final = "cases.change_policyversion"
_VIEW: Final = "cases.view_policyversion"
# The message holds the body, a note and the time of the last save.
_LARGEST_MESSAGE: Final = LARGEST_BYTES + 10_000


class PolicyEditor:
    """The editor's pages and addresses, for the admin of policy versions."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view  # type: ignore[attr-defined]
        return [
            path("<int:object_id>/check/", wrap(self.check_view), name="cases_policyversion_check"),
            path("<int:object_id>/count/", wrap(self.count_view), name="cases_policyversion_count"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    @page_button(label=_("Edit"), permission=_EDIT, everywhere=True, icon="edit", states=frozenset({PolicyState.DRAFT}))
    def revise(self, request: HttpRequest, version: PolicyVersion) -> HttpResponse:
        """Show the draft in the editor; POST saves it."""
        if request.method == "POST":
            return self._save(request, version, anew=False)
        return self._page(request, version, anew=False, readonly=version.state != PolicyState.DRAFT)

    @page_button(label=_("Draft from this"), permission="cases.add_policyversion", everywhere=True, icon="content_copy")
    def draft(self, request: HttpRequest, version: PolicyVersion) -> HttpResponse:
        """Show the version's rules in the editor as the beginning of a new draft; POST writes the draft."""
        if request.method == "POST":
            return self._save(request, version, anew=True)
        return self._page(request, version, anew=True, readonly=False)

    @page_button(label=_("Look closely"), permission=_VIEW, icon="search")
    def inspect(self, request: HttpRequest, version: PolicyVersion) -> HttpResponse:
        """Show the version in the editor without a way to change it, with today's counts."""
        return self._page(request, version, anew=False, readonly=True)

    def check_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Answer with faults, sentences and findings: POST of the body sent, GET of the version's own."""
        _version, _reading, answer = self._asked(request, object_id)
        # The status tells a program that the body is not valid; the editor reads the faults.
        return _json(answer, status=400 if answer["faults"] else 200)

    def count_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Answer with how many accounts each part hits today; POST and GET as above."""
        version, reading, answer = self._asked(request, object_id)
        if reading is None:
            return _json({"counts": None, "note": "", **answer}, status=400)
        return _json(counts_answer(reading=reading, version=version, user=request.user), status=200)

    def _asked(self, request: HttpRequest, object_id: int) -> tuple[PolicyVersion, Any, dict[str, Any]]:
        is_own = request.method != "POST"
        version = version_of(self, request, object_id, permission=_VIEW if is_own else _EDIT)
        text = json.dumps(version.body).encode() if is_own else _body_of(request, most=LARGEST_BYTES)
        reading, answer = checked(text=text, segment=version.policy.segment)
        return version, reading, answer

    def _page(self, request: HttpRequest, version: PolicyVersion, *, anew: bool, readonly: bool) -> HttpResponse:
        segments = segments_known()
        here: Any = self
        data = {
            **editor_catalogue(user=request.user, segments=segments),
            "body": with_house_settings(version.body) if anew else version.body,
            "note": "" if anew else version.note,
            "segment": version.policy.segment,
            "segments": segments,
            "number": None if anew else version.number,
            "anew": anew,
            "readonly": readonly,
            "key": f"{'new-from-' if anew else ''}{version.pk}",
            "updated_at": version.updated_at.isoformat(),
            "urls": self._addresses(version, anew=anew),
        }
        return policy_page(
            model_admin=here,
            request=request,
            template=TEMPLATE,
            version=version,
            data=data,
            texts=editor_texts(),
            title=_title(version, anew=anew),
            readonly=readonly,
            anew=anew,
        )

    def _addresses(self, version: PolicyVersion, *, anew: bool) -> dict[str, str]:
        def at(name: str) -> str:
            return reverse(f"{self.admin_site.name}:cases_policyversion_{name}", args=[version.pk])  # type: ignore[attr-defined]

        own = {"check": at("check"), "count": at("count"), "save": at("draft" if anew else "revise")}
        if anew:
            return own
        trial = reverse(f"{self.admin_site.name}:cases_policytrial_try_version")  # type: ignore[attr-defined]
        return own | {
            "submit": at("submit"),
            "compare": at("compare"),
            "replay": at("replay"),
            "trial": f"{trial}?version={version.pk}",
        }

    def _save(self, request: HttpRequest, version: PolicyVersion, *, anew: bool) -> HttpResponse:
        body: Any = None
        try:
            message = read_policy_text(_body_of(request, most=_LARGEST_MESSAGE), most=_LARGEST_MESSAGE)
            body, values = _values(message)
            if anew:
                made = versions.draft_version(
                    body=body,
                    note=values["note"],
                    segment=values["segment"],
                    based_on=version,
                    actor=request.user,
                    at=timezone.now(),
                )
                return _json(self._saved(made), status=201)
            expected = _moment(values["updated_at"])
            made = versions.revise_version(
                version=version,
                body=body,
                note=values["note"],
                actor=request.user,
                at=timezone.now(),
                expected_updated_at=expected,
            )
            return _json(self._saved(made), status=200)
        except InvalidInput as error:
            return _json(_refused(error, body), status=400)
        except StateConflict as error:
            version.refresh_from_db()
            return _json({"message": str(error), "conflict": _conflict(version)}, status=409)
        except DoorstepError as error:
            return _json({"message": str(error)}, status=403)

    def _saved(self, version: PolicyVersion) -> dict[str, Any]:
        address = reverse(f"{self.admin_site.name}:cases_policyversion_revise", args=[version.pk])  # type: ignore[attr-defined]
        return {"updated_at": version.updated_at.isoformat(), "url": address, "number": version.number}


def _title(version: PolicyVersion, *, anew: bool) -> str:
    number = version.number
    words = _("New draft from version {number}") if anew else _("Policy version {number}")
    name = words.format(number=number)
    segment = version.policy.segment
    return f"{name} · {segment}" if segment and not anew else name


def _body_of(request: HttpRequest, *, most: int) -> bytes:
    """Return the request's bytes, at most one more than allowed: enough to refuse them."""
    return request.read(most + 1)


def _values(message: Any) -> tuple[Any, dict[str, str]]:
    if not isinstance(message, dict) or "body" not in message:
        raise InvalidInput(_("An object with the policy's body is expected here."), field="body")
    values = {name: message.get(name) or "" for name in ("note", "segment", "updated_at")}
    for name, value in values.items():
        if not isinstance(value, str):
            raise InvalidInput(_("A text is expected here."), field=name)
    return message["body"], values


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(_("The moment of the last save is expected here."), field="updated_at")
    return moment


def _refused(error: InvalidInput, body: Any) -> dict[str, Any]:
    """Return every fault of the body where that is what was refused, the one that was met otherwise."""
    faults = [{"path": fault.path, "message": fault.message} for fault in faults_of(body)] if body is not None else []
    return {"message": str(error), "faults": faults or [{"path": error.field, "message": str(error)}]}


def _conflict(version: PolicyVersion) -> dict[str, Any]:
    moment = timezone.localtime(version.updated_at)
    return {
        "by": str(version.proposed_by or ""),
        "when": moment.strftime("%H:%M:%S"),
        "updated_at": version.updated_at.isoformat(),
        "is_draft": version.state == PolicyState.DRAFT,
        "state": version.get_state_display(),
    }


def _json(answer: dict[str, Any], *, status: int) -> JsonResponse:
    response = JsonResponse(answer, status=status)
    add_never_cache_headers(response)
    return response
