"""Find an intake profile: the lender's own ones are in the database, shipped ones in cases/profiles."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput, Missing
from backoffice.core.transitions import may
from cases.enums import ProfileState
from cases.models import IntakeProfile, IntakeProfileVersion
from cases.rules.profile.file_sets import FileSet, is_file_set, parse_file_set
from cases.rules.profile.parse import KIND_OF_SETS, parse_profile
from cases.rules.profile.records import Profile

SHIPPED = Path(__file__).resolve().parents[2] / "profiles"
MAX_PROFILE_BYTES: Final = 256 * 1024
APPROVE: Final = "cases.approve_intakeprofile"


def profile_names() -> list[str]:
    """Return the names of all profiles, the lender's own that have a version in use and the shipped ones, sorted."""
    own = set(IntakeProfileVersion.objects.filter(state=ProfileState.ACTIVE).values_list("profile__name", flat=True))
    return sorted(own | shipped_names())


def single_profile_names() -> list[str]:
    """Return the names of the profiles that read single files, sorted."""
    sets = IntakeProfile.objects.filter(kind=KIND_OF_SETS).values_list("name", flat=True)
    own = IntakeProfileVersion.objects.filter(state=ProfileState.ACTIVE)
    names = set(own.exclude(profile__kind=KIND_OF_SETS).values_list("profile__name", flat=True))
    shipped = {name for name in shipped_names() if shipped_file_set(name=name) is None}
    return sorted(names | shipped.difference(sets))


def shipped_file_set(*, name: str) -> FileSet | None:
    """Return the shipped set of files called `name`; None if there is none, or the profile reads single files."""
    if name not in shipped_names():
        return None
    text = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
    return (
        parse_file_set(text=text, name=name, profile_named=profile_named) if is_file_set(text=text, name=name) else None
    )


def shipped_names() -> set[str]:
    """Return the names of the profiles that come with the program."""
    return {path.stem for path in SHIPPED.glob("*.toml")}


def get_profile(*, name: str) -> Profile:
    """
    Return the profile called `name`: the lender's own version in use, else the shipped one of that name.

    :raises Missing: if there is none, naming those that exist.
    :raises InvalidInput: if its text is not a sound profile.
    """
    version = _in_use(name)
    if version is not None:
        return stored_profile(version=version)
    if name in shipped_names():
        return parse_profile(text=(SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), name=name)
    raise Missing(
        _("There is no profile {name}. There are: {names}.").format(name=name, names=", ".join(profile_names()))
    )


def stored_profile(*, version: IntakeProfileVersion) -> Profile:
    """
    Return the profile that a version's text describes, with the words of totals that people have confirmed.

    :raises InvalidInput: if the text is not a sound profile.
    """
    return _with_version(parse_profile(text=version.body, name=version.profile.name), version)


def _with_version(profile: Profile, version: IntakeProfileVersion) -> Profile:
    words = tuple(dict.fromkeys([*profile.file.total_rows, *version.profile.total_words]))
    return replace(profile, version_id=version.pk, file=replace(profile.file, total_rows=words))


def usable_profile(*, name: str, actor: Any, dry_run: bool) -> Profile:
    """
    Return the profile by which `actor` takes a file in: a name, or name@number for a version that awaits approval.

    Such a version is for dry runs of its maker and of whoever may approve it; None is the system, which may try it too.

    :raises Missing: if there is no such profile or version.
    :raises InvalidInput: if its text is not a sound profile, or a version is named that is not in use and this is no dry
        run.
    :raises NotAllowed: if the actor neither made the version nor may approve it.
    """
    version = _named_version(name=name, actor=actor, dry_run=dry_run)
    return get_profile(name=name) if version is None else stored_profile(version=version)


def usable_file_set(*, name: str, actor: Any, dry_run: bool) -> FileSet | None:
    """
    Return the set of files by which `actor` takes an archive or a folder in; None if `name` is a profile of single files.

    Names and errors are those of `usable_profile`. A version that is only tried names profiles that are in use.
    """
    version = _named_version(name=name, actor=actor, dry_run=dry_run)
    if version is None:
        version = _in_use(name)
    return shipped_file_set(name=name) if version is None else stored_file_set(version=version)


def stored_file_set(*, version: IntakeProfileVersion) -> FileSet | None:
    """
    Return the set of files that a version's text describes; None if it is a profile of single files.

    :raises InvalidInput: if the text is no sound set, or a profile that it names is not in use.
    """
    if version.profile.kind != KIND_OF_SETS:
        return None
    file_set = parse_file_set(text=version.body, name=version.profile.name, profile_named=profile_named)
    parts = [
        part if part.is_named else replace(part, profile=_with_version(part.profile, version))
        for part in file_set.parts
    ]
    return replace(file_set, parts=tuple(parts))


def profile_named(name: str) -> Profile:
    """Return the profile in use that a set of files names, with the errors of `get_profile`."""
    return get_profile(name=name)


def _in_use(name: str) -> IntakeProfileVersion | None:
    own = IntakeProfileVersion.objects.filter(profile__name=name, state=ProfileState.ACTIVE)
    return own.select_related("profile").first()


def _named_version(*, name: str, actor: Any, dry_run: bool) -> IntakeProfileVersion | None:
    """Return the version of name@number that the actor may read files by; None if `name` has no number."""
    name, mark, number = name.partition("@")
    if not mark:
        return None
    versions = IntakeProfileVersion.objects.select_related("profile").filter(profile__name=name)
    version = versions.filter(number=int(number)).first() if number.isdecimal() and len(number) < 9 else None
    if version is None:
        raise Missing(_("The profile {name} has no version {number}.").format(name=name, number=number))
    if version.state == ProfileState.RETIRED:
        raise InvalidInput(_("This version is retired. Take the one in use."), field="profile")
    if version.state == ProfileState.DRAFT:
        if not dry_run:
            raise InvalidInput(
                _("This version awaits approval by another person. Until then it can only be tried."), field="profile"
            )
        if actor is not None and actor.pk != version.made_by_id:
            may(actor=actor, permission=APPROVE)
    return version


def profile_choices(*, user: Any) -> list[tuple[str, Any]]:
    """Return what `user` may choose to read a file by: each profile, and drafts that they may try; (value, words)."""
    drafts = IntakeProfileVersion.objects.visible_to(user).filter(state=ProfileState.DRAFT).select_related("profile")
    if not user.has_perm(APPROVE):
        drafts = drafts.filter(made_by=user)
    return [
        *((name, name) for name in profile_names()),
        *(
            (
                f"{draft.profile.name}@{draft.number}",
                _("{name}, version {number}: only to try").format(name=draft.profile.name, number=draft.number),
            )
            for draft in drafts.order_by("profile__name", "number")
        ),
    ]


def profile_in_file(*, path: Path) -> Profile | FileSet:
    """
    Return the profile of a .toml file, or the set of files that it describes.

    For the command line only: a web request must never name a path.

    :raises Missing: if there is no such file, or it cannot be read.
    :raises InvalidInput: if it is longer than `MAX_PROFILE_BYTES`, not UTF-8, or no sound profile.
    """
    try:
        with path.open("rb") as stream:
            body = stream.read(MAX_PROFILE_BYTES + 1)
    except OSError:
        raise Missing(_("There is no such profile file.")) from None
    if len(body) > MAX_PROFILE_BYTES:
        raise InvalidInput(_("The profile is longer than {n} bytes.").format(n=MAX_PROFILE_BYTES))
    try:
        text, name = body.decode("utf-8-sig"), path.stem[:60]
    except UnicodeDecodeError:
        raise InvalidInput(_("The profile is not written in UTF-8.")) from None
    if is_file_set(text=text, name=name):
        return parse_file_set(text=text, name=name, profile_named=profile_named)
    return parse_profile(text=text, name=name)
