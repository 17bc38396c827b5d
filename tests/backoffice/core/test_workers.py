"""A worker for one command: none where the broker is not ours or a worker listens; else one that ends with the block."""

from typing import Any

import psutil
import pytest

from backoffice.core import workers
from backoffice.core.workers import is_a_worker_listening, lent_worker


def own_workers() -> list[int]:
    return [
        process.pid
        for process in psutil.Process().children(recursive=True)
        if process.status() != psutil.STATUS_ZOMBIE and "celery" in process.cmdline()
    ]


@pytest.mark.parametrize(("is_embedded", "is_listening"), [(False, False), (True, True)])
def test_none_is_started_without_the_embedded_broker_or_beside_a_listening_worker(
    settings: Any, monkeypatch: pytest.MonkeyPatch, is_embedded: bool, is_listening: bool
) -> None:
    settings.EMBEDDED_BROKER = is_embedded
    monkeypatch.setattr(workers, "is_a_worker_listening", lambda: is_listening)

    with lent_worker() as was_started:
        assert (was_started, own_workers()) == (False, [])


def test_unreachable_broker_means_that_no_worker_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    from celery import current_app

    def refuse(**_options: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(current_app.control, "inspect", refuse)

    assert is_a_worker_listening() is False


@pytest.mark.real_worker
def test_worker_runs_during_the_block_and_leaves_no_process(
    settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMBEDDED_BROKER, settings.HOME = True, tmp_path
    monkeypatch.setattr(workers, "is_a_worker_listening", lambda: False)

    with lent_worker(concurrency=1) as was_started:
        during = own_workers()

    assert (was_started, len(during) >= 1, own_workers()) == (True, True, [])
