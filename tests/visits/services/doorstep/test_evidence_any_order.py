"""Whatever happens to a photograph that waits, in any order: it ends at most once, and only killed workers count."""

from contextlib import nullcontext

import pytest
from django.core.files.storage import default_storage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.core.sealed.kept_files import FileLost, StorageFull
from tests.factories.evidence import attach
from tests.factories.visits import photo
from tests.visits.services.doorstep.test_evidence_reading import (
    READ_AT,
    Killed,
    audited,
    full_disk,
    killed_while_decoding,
    row,
)
from visits.services.doorstep.evidence_reading import ATTEMPTS_MAX, LEASE, read_evidence

# What a reading meets, and the errors that it may end with.
MEETS = {
    "nothing": (nullcontext, ()),
    "a kill": (killed_while_decoding, (Killed,)),
    "a full disk": (full_disk, (StorageFull,)),
}


def expected(*, state, kills, meets, lost, cut):
    """Return the state and the number of killed workers after one more reading, as the words of the service say."""
    if state != "WAITING":
        return state, kills
    if kills == ATTEMPTS_MAX:
        return "UNREADABLE", kills
    if lost:
        return "WAITING", kills
    if meets == "a kill":
        return "WAITING", kills + 1
    if cut:
        return "UNREADABLE", kills
    return ("WAITING" if meets == "a full disk" else "READ"), kills


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cut=st.booleans(),
    readings=st.lists(st.tuples(st.sampled_from(sorted(MEETS)), st.booleans()), max_size=7),
)
def test_every_order_of_events_ends_as_the_rules_say(cut, readings, elsewhere):
    whole = photo(seed=9)
    content = whole[: len(whole) // 2] if cut else whole
    evidence = attach(elsewhere(content), content)
    state, kills = "WAITING", 0

    for number, (meets, lost) in enumerate(readings):
        state, kills = expected(state=state, kills=kills, meets=meets, lost=lost, cut=cut)
        fails, errors = MEETS[meets]
        with fails(), pytest.MonkeyPatch.context() as storage:
            if lost:
                storage.setattr(default_storage, "open", _no_file)
            try:
                read_evidence(evidence_id=evidence.pk, at=READ_AT + number * LEASE)
            except (FileLost, *errors):
                pass
        left = row(evidence)
        assert (left["state"], left["read_at"] is None) == (state, state == "WAITING")
        if state == "WAITING":
            assert left["read_attempts"] == kills

    ends = [action for action, _body in audited(evidence) if action != "evidence.file_problem"]
    assert ends == {"WAITING": [], "READ": ["evidence.read"], "UNREADABLE": ["evidence.unreadable"]}[state]


def _no_file(*_args):
    raise FileNotFoundError
