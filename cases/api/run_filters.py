"""The filters of the lists of runs, chunks and quarantined borrowers."""

import django_filters.rest_framework as filters

from backoffice.core.rest.filtering import IdFilter, choices, present, since, until
from cases.enums import ChunkState, Job, RunPhase, RunState


class RunFilter(filters.FilterSet):
    job = choices(Job)
    state = choices(RunState)
    phase = choices(RunPhase)
    worked_from = since("business_date")
    worked_to = until("business_date")


class ChunkFilter(filters.FilterSet):
    state = choices(ChunkState)
    is_previewed = filters.BooleanFilter()


class QuarantineFilter(filters.FilterSet):
    borrower = IdFilter("borrower_id")
    resolved = present("resolved_at")
