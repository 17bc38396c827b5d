"""Loaded by a worker: the relay tries again after seconds, so that a test sees what otherwise takes minutes."""

from datetime import timedelta

from backoffice.outbox import relay

# Shorter than a batch may take: what a slow receiver holds up is then also delivered by a second worker.
relay.LEASE = timedelta(seconds=3)
relay.FIRST_WAIT = timedelta(seconds=0.4)
relay.LONGEST_WAIT = timedelta(seconds=2)
