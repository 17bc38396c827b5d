"""The mapper: a page on which a profile is made from a sample of the lender's file, by choosing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from backoffice.core.errors import DoorstepError, Missing
from backoffice.core.scoping import acts_everywhere
from cases.admin.intake.mapper_form import posted_choices
from cases.admin.intake.mapper_page import columns_table, field_cards, general_card
from cases.admin.intake.mapper_preview import preview_panel
from cases.admin.intake.mapper_words import Words
from cases.models import ProfileSample
from cases.rules.profile.choices import ProfileChoices, choices_of, toml_of
from cases.rules.profile.guesses import next_block
from cases.rules.profile.header_words import is_protected
from cases.services.intake.profiles import samples
from cases.services.intake.profiles.sample_rows import SampleContent
from cases.services.intake.profiles.trial import Trial, offered_sections, try_mapping
from cases.services.intake.profiles.versions import make_version

MAKE: Final = "cases.add_intakeprofile"
TEMPLATE: Final = "admin/cases/mapper.html"
MOST_BLOCKS: Final = 36


class Mapper:
    """The mapper's addresses, for the admin of profiles."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view  # type: ignore[attr-defined]
        return [
            path("sample/<int:sample_id>/", wrap(self.mapper_view), name="cases_intakeprofile_mapper"),
            path(
                "sample/<int:sample_id>/preview/",
                wrap(require_POST(self.preview_view)),
                name="cases_intakeprofile_preview",
            ),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def mapper_view(self, request: HttpRequest, sample_id: int) -> HttpResponse:
        """Show the mapping of one's own sample; POST keeps it, and does what the pressed button says."""
        work = _Work(request, sample_id)
        answer: HttpResponse
        if request.method == "POST":
            answer = HttpResponseRedirect(work.press(request.POST.get("do", "")))
        else:
            answer = self._page(request, work)
        add_never_cache_headers(answer)
        return answer

    def preview_view(self, request: HttpRequest, sample_id: int) -> JsonResponse:
        """Answer with what the posted mapping makes of the sample, as HTML of the parts that change; nothing is kept."""
        work = _Work(request, sample_id)
        choices = work.posted(request.POST)
        page = work.parts(choices)
        cards = [
            card
            for section in page["sections"]
            for card in (
                section.get("fields") or [each for block in section.get("blocks", ()) for each in block["fields"]]
            )
        ]
        answer = JsonResponse(
            {
                "preview": render_to_string("admin/cases/mapper_preview.html", page, request),
                "columns": render_to_string("admin/cases/mapper_columns.html", page, request),
                "cards": {
                    card["key"]: {
                        "missing": card["missing"],
                        "unused": card["is_open"],
                        "example": render_to_string("admin/cases/mapper_example.html", {"card": card}, request),
                        "options": None
                        if _shown_options(request.POST, card["key"]) == card["chosen"]
                        else render_to_string("admin/cases/mapper_options.html", {"card": card}, request),
                    }
                    for card in cards
                },
            }
        )
        add_never_cache_headers(answer)
        return answer

    def _page(self, request: HttpRequest, work: "_Work") -> TemplateResponse:
        here: Any = self
        choices = choices_of(text=work.sample.body)
        context = here.admin_site.each_context(request) | {
            "title": _("Make a profile: {name}").format(name=work.sample.name),
            "opts": here.model._meta,
            "model_admin": self,
            "is_fullwidth": "1",
            "sample": work.sample,
            "source": reverse("admin:cases_intakeprofile_preview", args=[work.sample.pk]),
            "text": work.sample.body,
            "back": here.list_address(),
        }
        return TemplateResponse(request, TEMPLATE, context | work.parts(choices))


class _Work:
    """One request of the person who uploaded the sample."""

    def __init__(self, request: HttpRequest, sample_id: int) -> None:
        if not request.user.has_perm(MAKE) or not acts_everywhere(user=request.user):
            raise PermissionDenied
        self.request, self.at = request, timezone.now()
        self.sample: ProfileSample
        self.content: SampleContent
        try:
            self.sample, self.content = samples.open_sample(sample_id=sample_id, actor=request.user, at=self.at)
        except Missing as error:
            raise Http404(str(error)) from error

    def trial(self, choices: ProfileChoices) -> Trial:
        return try_mapping(choices=choices, content=self.content, name=self.sample.name, at=self.at)

    def posted(self, post: Mapping[str, Any]) -> ProfileChoices:
        base = choices_of(text=self.sample.body)
        return posted_choices(
            post=post,
            base=base,
            columns={column.name: column for column in self.trial(base).columns},
            territories=samples.territory_names(),
            labels=samples.code_labels(),
        )

    def parts(self, choices: ProfileChoices) -> dict[str, Any]:
        """Return everything on the page that follows from the choices."""
        trial, labels = self.trial(choices), samples.reader_labels()
        words = Words(territories=samples.territory_names(), labels=labels)
        return {
            "general": general_card(
                choices=choices,
                format=self.content.format,
                sheets=[name for name in self.content.parts if name],
                width=len(trial.columns),
            ),
            "columns": columns_table(columns=trial.columns, choices=choices),
            "selectable": [
                {"name": name, "protected": is_protected(name)}
                for name in dict.fromkeys(column.name for column in trial.columns)
            ],
            "sections": field_cards(choices=choices, trial=trial, words=words),
            "panel": preview_panel(choices=choices, trial=trial, labels=labels, clear=True),
        }

    def press(self, button: str) -> str:
        """Keep the posted mapping, do what the button says, and return the address of the next page."""
        here = reverse("admin:cases_intakeprofile_mapper", args=[self.sample.pk])
        verb, _colon, what = button.partition(":")
        try:
            if verb == "text":
                samples.keep_mapping(
                    sample=self.sample, choices=choices_of(text=self.request.POST.get("text", "").replace("\r\n", "\n"))
                )
                messages.success(self.request, str(_("The text is taken over into the form.")))
                return here
            before = choices_of(text=self.sample.body)
            choices = self.posted(self.request.POST)
            if verb == "guess" or (verb == "file" and choices.file != before.file):
                choices = samples.guess_fields(choices=choices, content=self.content)
            elif verb in ("add", "rest", "remove"):
                choices = self._blocks(choices, verb, what)
            samples.keep_mapping(sample=self.sample, choices=choices)
            if verb == "save":
                return self._save(choices)
        except DoorstepError as error:
            field = getattr(error, "field", "")
            messages.error(self.request, f"{field}: {error}" if field and field not in str(error) else str(error))
            return f"{here}#preview"
        anchor = (
            what.partition(":")[0] if verb in ("add", "rest", "remove") else {"file": "columns"}.get(verb, "preview")
        )
        return f"{here}#{anchor}"

    def _blocks(self, choices: ProfileChoices, verb: str, what: str) -> ProfileChoices:
        section, _colon, number = what.partition(":")
        if section not in offered_sections(choices=choices)[1]:
            return choices
        blocks = list(choices.blocks.get(section, ()))
        if verb == "remove":
            blocks = [block for index, block in enumerate(blocks) if str(index) != number]
        else:
            names = [column.name for column in self.trial(choices).columns]
            following = next_block(blocks=blocks, columns=names)
            while len(blocks) < MOST_BLOCKS:
                blocks.append(following)
                following = next_block(blocks=blocks, columns=names) if following else {}
                if verb == "add" or not following:
                    break
        return replace(choices, blocks={**choices.blocks, section: tuple(blocks)})

    def _save(self, choices: ProfileChoices) -> str:
        trial = self.trial(choices)
        name = self.request.POST.get("name", self.sample.name).strip()
        version = make_version(
            name=name,
            body=toml_of(choices=choices),
            actor=self.request.user,
            at=self.at,
            sample=self.sample,
            tried=trial.tried.counts() if trial.tried else None,
        )
        messages.success(self.request, str(_("The version is saved. It awaits approval by another person.")))
        return reverse("admin:cases_intakeprofileversion_change", args=[version.pk])


def _shown_options(post: Mapping[str, Any], key: str) -> str:
    """Return for which choice the page shows options of a field now, as the form posts it."""
    if f"{key}:for" in post:
        return f"column:{post[f'{key}:for']}"
    if f"{key}:fixed" in post:
        return "fixed"
    if f"{key}:template" in post:
        return "template"
    return str(post.get(key)) if post.get(key) in ("written", "absent") else "absent"
