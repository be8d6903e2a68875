"""The days and nights of Viet Nam, in which platforms count that name no zone."""

from datetime import timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))
