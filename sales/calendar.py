"""All calendar arithmetic: the tenant's day, quiet hours, slots, workdays, deadlines. R-TIME-1 to -3."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sales.policy import Policy


def local(instant: datetime, policy: Policy) -> datetime:
    """The instant on the tenant's wall clock. R-TIME-1."""
    return instant.astimezone(ZoneInfo(policy.zone))


def day_of(instant: datetime, policy: Policy) -> date:
    """The tenant day an instant lies in, 00:00 to 24:00. R-TIME-1."""
    return local(instant, policy).date()


def midnight(day: date, policy: Policy) -> datetime:
    """The instant in UTC at which the tenant day begins. R-TIME-1."""
    return _at(day, time(0), policy).astimezone(UTC)


def is_within(instant: datetime, *, start: datetime, limit: timedelta) -> bool:
    """True up to and including start + limit; one microsecond later it is not. R-TIME-2."""
    return instant <= start + limit


def is_workday(day: date) -> bool:
    """Workday by the official calendar with make-up days; Monday to Friday for a year not yet published. R-TIME-2."""
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def is_estimated(day: date) -> bool:
    """True when the official calendar of that year is not known and weekends stand in for it. R-TIME-2."""
    import chinese_calendar

    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return True
    return False


def quiet_until(instant: datetime, policy: Policy) -> datetime | None:
    """End of the quiet hours the instant lies in, or None when it is not quiet. R-TIME-3.

    Quiet hours are half-open, every day: 22:00:00 is quiet, 08:00:00 is not.
    """
    here = local(instant, policy)
    clock = here.timetz().replace(tzinfo=None)
    if policy.quiet_from <= policy.quiet_to:
        quiet = policy.quiet_from <= clock < policy.quiet_to
    else:
        quiet = clock >= policy.quiet_from or clock < policy.quiet_to
    if not quiet:
        return None
    end_day = here.date() if clock < policy.quiet_to else here.date() + timedelta(days=1)
    return _at(end_day, policy.quiet_to, policy).astimezone(instant.tzinfo)


def next_slot(instant: datetime, policy: Policy, *, last: bool = False) -> datetime:
    """First slot of a workday at or after the instant; with `last` only the day's last one counts. R-TIME-3."""
    slots = sorted(policy.slots)[-1:] if last else sorted(policy.slots)
    day = day_of(instant, policy)
    while True:
        if is_workday(day):
            for slot in slots:
                at = _at(day, slot, policy)
                if at >= instant:
                    return at.astimezone(instant.tzinfo)
        day += timedelta(days=1)


def _at(day: date, clock: time, policy: Policy) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(policy.zone))
