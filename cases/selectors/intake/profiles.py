"""Find an intake profile: the lender's own ones are in the database, shipped ones in cases/profiles."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput, Missing
from cases.models import IntakeProfile
from cases.rules.profile.parse import parse_profile
from cases.rules.profile.records import Profile

SHIPPED = Path(__file__).resolve().parents[2] / "profiles"
MAX_PROFILE_BYTES = 256 * 1024


def profile_names() -> list[str]:
    """Return the names of all profiles, the lender's own and the shipped ones, sorted."""
    own = set(IntakeProfile.objects.values_list("name", flat=True))
    return sorted(own | {path.stem for path in SHIPPED.glob("*.toml")})


def get_profile(*, name: str) -> Profile:
    """
    Return the profile called `name`; the lender's own one is used if a shipped one has the same name.

    :raises Missing: if there is none, naming those that exist.
    :raises InvalidInput: if its text is not a sound profile.
    """
    own = IntakeProfile.objects.filter(name=name).first()
    if own is not None:
        return parse_profile(text=own.body, name=name)
    if name in {path.stem for path in SHIPPED.glob("*.toml")}:
        return parse_profile(text=(SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), name=name)
    raise Missing(
        _("There is no profile {name}. There are: {names}.").format(name=name, names=", ".join(profile_names()))
    )


def profile_in_file(*, path: Path) -> Profile:
    """
    Return the profile of a .toml file.

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
        return parse_profile(text=body.decode("utf-8-sig"), name=path.stem[:60])
    except UnicodeDecodeError:
        raise InvalidInput(_("The profile is not written in UTF-8.")) from None
