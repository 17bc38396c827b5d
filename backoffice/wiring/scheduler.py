"""Beat's scheduler: schedules are rows, and beat gives signs of life."""

import logging
import time
from typing import Any

from django.db import DatabaseError, InterfaceError, close_old_connections

from backoffice.core.schedules import KeepingScheduler
from backoffice.wiring.signs import BEAT, give_sign

logger = logging.getLogger(__name__)
SIGN_EVERY_SECONDS = 15


class WatchedScheduler(KeepingScheduler):
    """Gives beat's sign of life while it looks for tasks that are due, every 30 seconds or more often."""

    last_sign = -float(SIGN_EVERY_SECONDS)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Give the sign where the last one is 15 seconds old, then send what is due; return seconds to the next look."""
        if time.monotonic() - self.last_sign >= SIGN_EVERY_SECONDS:
            self._give_sign()
        seconds: float = super().tick(*args, **kwargs)
        return seconds

    def _give_sign(self) -> None:
        try:
            close_old_connections()
            give_sign(process=BEAT)
            self.last_sign = time.monotonic()
        except (DatabaseError, InterfaceError) as error:
            # Beat must outlive the database: the next look tries again.
            logger.warning("beat cannot give its sign of life", extra={"error": type(error).__name__})
