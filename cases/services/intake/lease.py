"""The lease of a worker on an intake file, and the epoch that stops a worker which lost its lease from writing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

from backoffice.core.errors import DoorstepError
from cases.models import IntakeFile

# A batch takes one or two seconds; while a large file is only read, `renew` extends the lease.
LEASE: Final = timedelta(seconds=120)
_RENEW_AFTER_SECONDS: Final = 5.0


class IntakeLost(DoorstepError):
    """Another worker has taken the file over; what this worker has not committed is rolled back."""

    code = "intake_lost"


@dataclass(slots=True)
class Hold:
    """
    One worker's hold on a file. `at` is the moment it began, in UTC.

    The time since then is measured by the process's monotonic clock.
    """

    file: IntakeFile
    at: datetime
    _begun: float = 0.0
    _renewed: float = 0.0

    def __post_init__(self) -> None:
        self._begun = self._renewed = monotonic()

    @property
    def now(self) -> datetime:
        """The current moment: `at` plus the time that has passed since."""
        return self.at + timedelta(seconds=monotonic() - self._begun)

    def write(self, **changes: Any) -> None:
        """
        Write `changes` to the file's record and renew the lease.

        In the transaction of a batch this rolls back the batch of a worker that lost its lease.

        :raises IntakeLost: if the file has a newer epoch or has ended.
        """
        mine = IntakeFile.objects.filter(pk=self.file.pk, epoch=self.file.epoch, finished_at__isnull=True)
        if mine.update(leased_until=self.now + LEASE, **changes) != 1:
            raise IntakeLost
        self._renewed = monotonic()

    def renew(self) -> None:
        """
        Renew the lease if five seconds have passed since the last renewal.

        :raises IntakeLost: if the file has a newer epoch or has ended.
        """
        if monotonic() - self._renewed > _RENEW_AFTER_SECONDS:
            self.write()
