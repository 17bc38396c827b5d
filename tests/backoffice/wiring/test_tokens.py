"""The addresses where machine clients get tokens refuse too many attempts."""

import time_machine

from backoffice.wiring.tokens import LIMIT
from tests.factories.portfolio import AT


@time_machine.travel(AT, tick=False)
def test_token_door_slows_down(client, db):
    answers = [client.post("/o/token/", REMOTE_ADDR="203.0.113.77").status_code for _n in range(LIMIT.most + 1)]

    assert 429 not in answers[:-1]
    assert answers[-1] == 429
