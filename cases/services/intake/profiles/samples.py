"""
Samples: the first rows of a lender's file, with which a person makes a profile.

A sample holds personal data. It is sealed, seen in clear by the person who uploaded it only, each use in the access log,
and deleted after 14 days or when the version made from it is approved.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.audit.enums import AccessPurpose
from backoffice.audit.services import log_access
from backoffice.core.errors import InvalidInput, Missing
from backoffice.core.scoping import must_act_everywhere
from backoffice.core.transitions import may
from cases import enums
from cases.enums import RecordKind
from cases.models import ProfileSample
from cases.models.profile import SAMPLE_KEPT
from cases.rules.profile.choices import ProfileChoices, choices_of, toml_of, with_top
from cases.rules.profile.column_looks import columns_of
from cases.rules.profile.file_looks import file_table
from cases.rules.profile.guesses import guessed_choices
from cases.services.intake.profiles.sample_rows import (
    SampleContent,
    cut_sample,
    packed,
    rows_of,
    unpacked,
)

# One entry of the access log stands for so long a time of work with a sample.
LOGGED_EVERY: Final = timedelta(minutes=10)
LANGUAGES: Final = ("en", "zh-hans")


@transaction.atomic
def keep_sample(
    *, name: str, kind: str, content: bytes, file_name: str, actor: Any, at: datetime, body: str = ""
) -> ProfileSample:
    """
    Keep the first rows of a file, sealed, with a guess of the mapping, and return the sample.

    With `body`, the text of a version, its mapping is kept instead of a guess; only the file's format is as found unless the
    text says it.

    :raises NotAllowed: if the actor may not make profiles for all territories.
    :raises InvalidInput: if the file cannot be read, or `body` is not TOML or of another kind of rows.
    """
    may(actor=actor, permission="cases.add_intakeprofile")
    must_act_everywhere(actor=actor)
    if kind not in RecordKind.values:
        raise InvalidInput(_("Choose what the rows describe."), field="kind")
    cut = cut_sample(content=content)
    if body:
        choices = choices_of(text=body)
        if choices.kind != kind:
            raise InvalidInput(_("The mapping says that its rows describe something else."), field="kind")
    else:
        choices = first_guess(kind=kind, content=cut, name=name)
    sample = ProfileSample.objects.create(
        name=name,
        file_name=file_name[-200:],
        content=packed(cut),
        body=toml_of(choices=choices),
        uploaded_by=actor,
        created_at=at,
        expires_at=at + SAMPLE_KEPT,
    )
    _log(sample, actor, at)
    return sample


@transaction.atomic
def open_sample(*, sample_id: int, actor: Any, at: datetime) -> tuple[ProfileSample, SampleContent]:
    """
    Return a sample with its rows in clear, for the person who uploaded it; the use is in the access log.

    :raises Missing: if there is no such sample of the actor, or it has expired.
    """
    sample = ProfileSample.objects.visible_to(actor).filter(pk=sample_id, expires_at__gt=at).first()
    if sample is None:
        raise Missing(_("There is no such sample. It may have been deleted; upload the file again."))
    _log(sample, actor, at)
    return sample, unpacked(sample.content)


@transaction.atomic
def keep_mapping(*, sample: ProfileSample, choices: ProfileChoices) -> None:
    """Keep the mapping as it stands, so that the person can go on later."""
    sample.body = toml_of(choices=choices)
    ProfileSample.objects.filter(pk=sample.pk).update(body=sample.body)


@transaction.atomic
def delete_expired_samples(*, at: datetime) -> int:
    """Delete the samples whose time is over and return how many."""
    deleted, _by_model = ProfileSample.objects.filter(expires_at__lte=at).delete()
    return deleted


def first_guess(*, kind: str, content: SampleContent, name: str = "") -> ProfileChoices:
    """Return a guess of the whole profile: how the file is written, and which column fills which field."""
    first = next(iter(content.parts.values()))
    top: dict[str, Any] = {"kind": kind, "file": file_table(content=first, format=content.format)}
    choices = with_top(choices=ProfileChoices(top=top), file=top["file"], source=name)
    return guess_fields(choices=choices, content=content)


def guess_fields(*, choices: ProfileChoices, content: SampleContent) -> ProfileChoices:
    """
    Return the choices with a guess for every field, read as the choices say the file is written.

    Nothing is guessed if the file cannot be read in this way.
    """
    try:
        header, rows = rows_of(content=content, choices=choices)
    except InvalidInput:
        return choices
    return guessed_choices(
        top=choices.top,
        kind=choices.kind,
        columns=columns_of(header=header, rows=[cells for _number, cells in rows]),
        territories=territory_names(),
        labels=code_labels(),
    )


def territory_names() -> dict[str, tuple[str, ...]]:
    """Return the names of each territory by its code, in the order of the codes."""
    rows = Territory.objects.order_by("code").values_list("code", "name", "name_en")
    return {code: tuple(name for name in names if name) for code, *names in rows}


def code_labels() -> Mapping[str, tuple[str, ...]]:
    """Return the words of each code that a profile may map to, in every language of the pages."""
    vocabularies = (
        enums.Product,
        enums.AccountStatus,
        enums.AddressKind,
        enums.Channel,
        enums.Direction,
        enums.ContactOutcome,
        enums.PromiseState,
        enums.SignalKind,
        enums.OutcomeKind,
    )
    found: dict[str, tuple[str, ...]] = {}
    for language in LANGUAGES:
        with override(language):
            for vocabulary in vocabularies:
                for code, label in vocabulary.choices:
                    found[str(code)] = (*found.get(str(code), ()), str(label))
    return found


def reader_labels() -> dict[str, str]:
    """Return the words of each code in the reader's language."""
    index = 1 if (get_language() or "").startswith("zh") else 0
    return {code: labels[min(index, len(labels) - 1)] for code, labels in code_labels().items()}


def _log(sample: ProfileSample, actor: Any, at: datetime) -> None:
    if sample.logged_at is not None and sample.logged_at > at - LOGGED_EVERY:
        return
    ProfileSample.objects.filter(pk=sample.pk).update(logged_at=at)
    log_access(actor=actor, subject=sample, fields=["rows"], purpose=AccessPurpose.INTAKE, at=at)
