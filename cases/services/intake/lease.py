"""Whose a running intake is: a lease that is renewed with every batch, and the epoch that fences the writes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

from backoffice.core.errors import DoorstepError
from cases.models import IntakeFile

# A batch takes a second or two; reading a file of two gigabytes to its end renews the lease as it goes.
LEASE: Final = timedelta(seconds=120)
# Renewed no more often than this while a file is only read.
_PAUSE_SECONDS: Final = 5.0


class IntakeLost(DoorstepError):
    """Another worker has taken the file over; what this one holds is not committed."""

    code = "intake_lost"


@dataclass(slots=True)
class Hold:
    """One worker's hold on a file. `at` is when it began; the time since comes from the process's own clock."""

    file: IntakeFile
    at: datetime
    _begun: float = 0.0
    _renewed: float = 0.0

    def __post_init__(self) -> None:
        self._begun = self._renewed = monotonic()

    @property
    def now(self) -> datetime:
        """The moment, as far as this worker knows."""
        return self.at + timedelta(seconds=monotonic() - self._begun)

    def write(self, **changes: Any) -> None:
        """
        Write to the file's record and renew the lease. :raises IntakeLost: if the epoch has moved on.

        In the transaction of a batch this is the fence: a batch of a worker that was taken over is not committed.
        """
        mine = IntakeFile.objects.filter(pk=self.file.pk, epoch=self.file.epoch, finished_at__isnull=True)
        if mine.update(leased_until=self.now + LEASE, **changes) != 1:
            raise IntakeLost
        self._renewed = monotonic()

    def renew(self) -> None:
        """Renew the lease if some seconds have passed. :raises IntakeLost: if the epoch has moved on."""
        if monotonic() - self._renewed > _PAUSE_SECONDS:
            self.write()
