"""The loop, played: loads a portfolio, plays eight weeks, says what happened, and serves the admin."""

import json
import os
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import override
from tqdm import tqdm

from backoffice.core.errors import DoorstepError
from backoffice.demo.people import PASSWORD
from backoffice.demo.story import FORTNIGHTS, VISITS_A_FORTNIGHT, Telling, days_of, is_played, play
from backoffice.demo.summary import summary
from backoffice.embedded.home import port_taken

STEPS = (FORTNIGHTS + 1) * (3 + VISITS_A_FORTNIGHT * 0.25) + 2
LOGINS = ("risk", "approver", "officer", "dispatcher", "reviewer", "agency", "crew", "auditor", "admin")


class Command(BaseCommand):
    help = "Play the whole loop on a made-up portfolio, then serve the admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accounts", type=int, default=2000, help="borrowers of the portfolio (default 2000)")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--no-serve", action="store_true", help="stop after the summary")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo makes people with a known password; it does not run in production.")
        if options["accounts"] < 1:
            raise CommandError("--accounts takes a whole number from 1.")
        port, host = int(os.environ.get("PORT", "8000")), os.environ.get("HOST", "127.0.0.1")
        if not options["no_serve"] and port_taken(port=port, host=host):
            # Refused at once: playing the story takes a minute or more.
            raise CommandError(
                f"Port {port} of {host} is taken by another program. Use another: PORT={port + 1} make demo",
                returncode=3,
            )
        call_command("migrate", interactive=False, verbosity=0)
        began = time.monotonic()
        today = timezone.localdate()
        if is_played(today=today):
            self._say("Today's story has been played already; nothing is added.", "今天的演示已经完成，不再重复。")
        else:
            self._play(options, today)
        days = days_of(today=today)
        found = summary(start_on=days[0], end_on=today, seconds=time.monotonic() - began)
        self._tell(found, quiet=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        if not options["no_serve"]:
            self._serve(host=host, port=port)

    def _play(self, options: dict[str, Any], today: Any) -> None:
        with tqdm(total=STEPS, file=sys.stderr, bar_format="{l_bar}{bar}| {elapsed} {postfix}") as bar:

            def step(weight: float, text: str) -> None:
                bar.update(min(weight, STEPS - bar.n))
                bar.set_postfix_str(text)

            def aside(text: str) -> None:
                if options["verbosity"] > 1:
                    bar.write(text, file=sys.stderr)

            try:
                with override("zh-hans"):
                    play(
                        accounts=options["accounts"],
                        today=today,
                        seed=options["seed"],
                        folder=settings.HOME / "demo",
                        telling=Telling(step=step, aside=aside),
                    )
            except DoorstepError as error:
                raise CommandError(str(error)) from error
            step(STEPS, "")

    def _tell(self, found: dict[str, Any], *, quiet: bool) -> None:
        out = self.stderr if quiet else self.stdout
        port = os.environ.get("PORT", "8000")
        lines = [
            "",
            f"  accounts 账户 {found['accounts']}   overdue 逾期 {found['overdue']}   cases 案件 {found['cases']}   {found['seconds']} s",
            "  hits by reason 触发原因   " + _pairs(found["hits"]),
            "  visits by finding 外访发现   " + _pairs(found["visits"]),
            "  decisions by kind 决定   " + _pairs(found["decisions"]),
            "  recovered by channel 回收 (CNY)   " + _pairs(found["recovered"]),
            "",
            f"  http://127.0.0.1:{port}/admin/   password 密码: {PASSWORD}",
            "  sign in as 登录名: " + "  ".join(LOGINS),
            "",
        ]
        out.write("\n".join(lines))
        # Read by whoever sends the output to a file: the servers that follow keep this program running.
        out.flush()

    def _say(self, english: str, chinese: str) -> None:
        self.stderr.write(f"{english} {chinese}")

    def _serve(self, *, host: str, port: int) -> None:
        from backoffice.wiring.serving import serve  # noqa: PLC0415 - only where it serves

        code = serve(host=host, port=port, workers=True)
        if code:
            sys.exit(code)


def _pairs(counts: dict[str, Any]) -> str:
    return "  ".join(f"{name} {value}" for name, value in counts.items()) or "-"
