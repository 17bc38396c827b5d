"""
A lender's core as a program of its own: it takes signed events by HTTP and answers them through REST.

It carries out the highest version of each term, as docs/decisions.md asks, and is wrong in every other way that it may be: it
takes an event and says that it failed, answers late, twice, in another order, with a wrong value first, refuses, forgets what
it was instructed, or says nothing until it is asked. Dice of a given seed choose.
"""

import heapq
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

# How often of a hundred an instruction is treated in each way.
WAYS = {
    "at once": 28,
    "late": 18,
    "twice": 12,
    "wrong value first": 10,
    "refused": 8,
    "refused, then carried out": 4,
    "silent until asked": 14,
    "forgotten": 6,
}
WRONG = {"LIMIT": "1.00", "RATE": "0.00001", "STATUS": "SOMETHING", "COLLECTION": "SOMETHING", "PENALTY": "SOMETHING"}
THREADS = 4
# An answer that meets a lock, or a server that is being started again, is sent again.
TRIES = 60
CONFLICT = 409
AGAIN = (429, 500, 502, 503)


class Core:
    """What the core holds of each term, by the account's reference and the term, and what it still has to answer."""

    def __init__(self, *, seed: int, secret: str, web: tuple[str, int], client: tuple[str, str]) -> None:
        self.dice, self.verifier, self.web, self.client = random.Random(seed), Webhook(secret), web, client
        self.lock = threading.RLock()
        self.held: dict[tuple[str, str], tuple[int, str]] = {}
        self.instructions: dict[str, dict[str, Any]] = {}
        self.ways: dict[str, str] = {}
        self.accepted: set[str] = set()
        self.carried_out: list[str] = []
        self.first_arrivals: dict[tuple[str, str], list[int]] = {}
        self.is_mended = False
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []
        self.token = ""
        self.agenda: list[tuple[float, int, Callable[[], None]]] = []
        self.busy, self.numbers, self.is_open = 0, 0, True
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._door())
        self.threads = [threading.Thread(target=self.server.serve_forever, daemon=True)]
        self.threads += [threading.Thread(target=self._work, daemon=True) for _n in range(THREADS)]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hooks"

    def hold(self, *, values: dict[str, dict[str, str]]) -> None:
        """Hold these values of terms, by the account's reference, before any instruction."""
        for account, terms in values.items():
            self.held |= {(account, field): (0, value) for field, value in terms.items()}

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.is_open = False
        self.server.shutdown()
        self.server.server_close()
        for thread in self.threads:
            thread.join(timeout=20)

    def is_quiet(self) -> bool:
        """Return whether nothing is left that the core itself wants to do or to say."""
        with self.lock:
            return not self.agenda and not self.busy

    # --- what arrives ---
    def receive(self, *, topic: str, payload: dict[str, Any]) -> int | None:
        """Take an event, or not; return the status to answer with, None to cut the connection."""
        with self.lock:
            chance = 1.0 if self.is_mended else self.dice.random()
            if chance < 0.04:
                self.done["not taken"] += 1
                return 503
            (self._asked if topic == "terms.query" else self._instructed)(payload)
            slow = self.dice.uniform(0.2, 2.0) if chance > 0.96 and not self.is_mended else 0.0
        time.sleep(slow)
        if chance < 0.08:
            self.done["taken, and said to have failed"] += 1
            return 500 if chance < 0.06 else None
        return 204

    def _instructed(self, payload: dict[str, Any]) -> None:
        key, term = payload["effect_key"], (payload["account"], payload["field"])
        if key in self.instructions:
            self.done["delivered again"] += 1
            if self.instructions[key] != payload:
                self.faults.append(f"two instructions under one key: {self.instructions[key]} and {payload}")
            return
        self.instructions[key] = payload
        self.first_arrivals.setdefault(term, []).append(payload["version"])
        way = "at once" if self.is_mended else self.dice.choices([*WAYS], weights=[*WAYS.values()])[0]
        self.ways[key] = way
        self.done[way] += 1
        late = self.dice.uniform(0.5, 6)
        match way:
            case "at once":
                self._later(0, lambda: self._carry_out(key), lambda: self._confirm(key))
            case "late":
                self._later(late, lambda: self._carry_out(key))
                self._later(late * 2, lambda: self._confirm(key))
            case "twice":
                self._later(0, lambda: self._carry_out(key), lambda: self._confirm(key))
                self._later(self.dice.choice([0, late]), lambda: self._confirm(key))
            case "wrong value first":
                self._later(0, lambda: self._answer(key, value=WRONG[payload["field"]]))
                self._later(late, lambda: self._carry_out(key), lambda: self._confirm(key))
            case "refused":
                self._later(0, lambda: self._refuse(key))
            case "refused, then carried out":
                self._later(0, lambda: self._refuse(key))
                self._later(late, lambda: self._carry_out(key), lambda: self._confirm(key))
            case "silent until asked":
                self._later(late, lambda: self._carry_out(key))

    def _asked(self, payload: dict[str, Any]) -> None:
        key = payload["effect_key"]
        self.done["asked"] += 1
        if key not in self.instructions:
            self.faults.append(f"asked of {key} before it was instructed")
        elif self.ways[key].startswith("refused") and key not in self.accepted:
            self._later(0, lambda: self._refuse(key))
        else:
            self._later(0, lambda: self._confirm(key))

    # --- what it does ---
    def _carry_out(self, key: str) -> None:
        with self.lock:
            instruction = self.instructions[key]
            term = (instruction["account"], instruction["field"])
            if instruction["version"] > self.held[term][0]:
                self.held[term] = (instruction["version"], instruction["after"])
                self.carried_out.append(key)
            else:
                self.done["overtaken by a higher version"] += 1

    def _confirm(self, key: str) -> None:
        """Answer with the value that is held now, of whatever version."""
        with self.lock:
            instruction = self.instructions[key]
            value = self.held[instruction["account"], instruction["field"]][1]
            if value == instruction["after"]:
                self.accepted.add(key)
        self._answer(key, value=value)

    def _refuse(self, key: str) -> None:
        self._answer(key, refused_reason="account is being closed")

    def _answer(self, key: str, *, tries: int = 1, **said: str) -> None:
        body = {"effect_key": key, "accepted": "value" in said, **said}
        try:
            status = self._post(body)
        except (OSError, HTTPException):
            status = 503
        if status in AGAIN:
            self.done[f"answered {status}, sent again"] += 1
            if tries >= TRIES:
                self.faults.append(f"{body} was never taken: {status}")
            else:
                self._later(0.1 + min(tries, 10) / 10, lambda: self._answer(key, tries=tries + 1, **said))
        elif status == CONFLICT and "value" not in said and key in self.accepted:
            # The acceptance overtook this refusal on its way: what was accepted is not refused any more.
            self.done["refused what it had accepted meanwhile"] += 1
        elif status != 200:
            self.faults.append(f"{body} was answered {status}")

    def _post(self, body: dict[str, Any]) -> int:
        with self.lock:
            if not self.token:
                self.token = self._new_token()
        status, _said = self._request(
            "/api/v1/terms-changes/acknowledge/",
            json.dumps(body),
            {"content-type": "application/json", "authorization": f"Bearer {self.token}"},
        )
        return status

    def _new_token(self) -> str:
        name, secret = self.client
        asked = {"grant_type": "client_credentials", "scope": "terms:write", "client_id": name, "client_secret": secret}
        status, said = self._request(
            "/o/token/", urlencode(asked), {"content-type": "application/x-www-form-urlencoded"}
        )
        assert status == 200, said
        return str(json.loads(said)["access_token"])

    def _request(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = HTTPConnection(*self.web, timeout=30)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _later(self, seconds: float, *actions: Callable[[], None]) -> None:
        with self.lock:
            self.numbers += 1

            def act() -> None:
                for action in actions:
                    action()

            heapq.heappush(self.agenda, (time.monotonic() + seconds, self.numbers, act))

    def _work(self) -> None:
        while self.is_open:
            with self.lock:
                is_due = bool(self.agenda) and self.agenda[0][0] <= time.monotonic()
                act = heapq.heappop(self.agenda)[2] if is_due else None
                self.busy += is_due
            if act is None:
                time.sleep(0.02)
                continue
            try:
                act()
            except Exception as error:  # shown at the end, by the test
                self.faults.append(repr(error))
            finally:
                with self.lock:
                    self.busy -= 1

    def _door(self) -> type[BaseHTTPRequestHandler]:
        core = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                try:
                    message: Any = core.verifier.verify(body, dict(self.headers))
                except WebhookVerificationError as error:
                    core.faults.append(f"not signed: {error}")
                    return
                status = core.receive(topic=message["type"], payload=message["data"])
                if status is not None:
                    self.send_response(status)
                    self.send_header("content-length", "0")
                    self.end_headers()

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        return Door
