"""Take in the files of a set in the order of its profile, from a folder or a .zip archive."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput, Missing
from backoffice.core.transitions import may
from cases.rules.profile.file_sets import FileSet, files_of_parts
from cases.rules.profile.parse import check_header
from cases.services.intake.file_record import IntakeResult
from cases.services.intake.readers.inspection import inspect_file
from cases.services.intake.readers.opening import open_rows
from cases.services.intake.take_in import take_in

MOST_FILES: Final = 200
MOST_UNPACKED_BYTES: Final = 8 << 30
_NAMES_ARE_UTF8: Final = 0x800


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFile:
    """One file of a set, and what became of its rows."""

    name: str
    result: IntakeResult


def take_in_set(
    *,
    path: Path,
    file_set: FileSet,
    actor: Any,
    at: datetime,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> list[TakenFile]:
    """
    Take in the files of a set, part by part, and return what became of each.

    `path` is a folder or a .zip archive; files whose names begin with a dot are left aside. Before the first row is written
    each file is matched with its part and its header is checked. A file that fails later leaves those before it taken in:
    the set can be taken in again. In a dry run the borrowers and accounts of an earlier file are not there for a later one.

    :raises NotAllowed: if the actor may not run an intake.
    :raises Missing: if there is no such folder or archive.
    :raises InvalidInput: if a part has no file, a file no part, or a file cannot be read.
    """
    may(actor=actor, permission="cases.run_intake")
    with _folder(path) as folder:
        names = [each.name for each in folder.iterdir() if each.is_file() and not each.name.startswith(".")]
        pairs = files_of_parts(file_set=file_set, names=names)
        for part, name in pairs:
            found = inspect_file(path=folder / name, file=part.profile.file)
            try:
                with open_rows(path=folder / name, found=found, profile=part.profile) as rows:
                    check_header(profile=part.profile, header=rows.header, row=rows.header_row)
            except InvalidInput as error:
                raise InvalidInput(f"{name}: {error}", field=error.field, row=error.row) from None
        return [
            TakenFile(
                name=name,
                result=take_in(
                    path=folder / name, profile=part.profile, actor=actor, at=at, dry_run=dry_run, progress=progress
                ),
            )
            for part, name in pairs
        ]


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """Yield the folder of the files; those of an archive are unpacked into one that is deleted afterwards."""
    if path.is_dir():
        yield path
        return
    if not path.is_file():
        raise Missing(_("There is no such folder or archive."))
    with TemporaryDirectory(prefix="doorstep-set-") as folder:
        _unpack(path, Path(folder))
        yield Path(folder)


def _file_name(member: ZipInfo) -> str:
    """Return the name of a file in an archive; Chinese Windows writes names in GBK and does not say so."""
    if member.flag_bits & _NAMES_ARE_UTF8 or member.filename.isascii():
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def _unpack(path: Path, folder: Path) -> None:
    try:
        with ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MOST_FILES or sum(member.file_size for member in members) > MOST_UNPACKED_BYTES:
                raise InvalidInput(
                    _("The archive has more than {n} files or {size} GB.").format(
                        n=MOST_FILES, size=MOST_UNPACKED_BYTES >> 30
                    )
                )
            for member in members:
                # Only the last part of a name counts: nothing is written outside of the folder.
                name = Path(_file_name(member).replace("\\", "/")).name
                if name.startswith(".") or member.filename.startswith("__MACOSX/"):
                    continue
                if (folder / name).exists():
                    raise InvalidInput(_("The archive has two files of the name {name}.").format(name=name))
                with archive.open(member) as packed, (folder / name).open("xb") as unpacked:
                    shutil.copyfileobj(packed, unpacked, 1 << 20)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError):
        # A password makes reading fail with RuntimeError.
        raise InvalidInput(_("The archive cannot be read. Pack the files as .zip without a password.")) from None
