"""How large a share of the machine other processes have, as src/ours/foreign-load.ts measures it."""

from typing import NamedTuple


class Load(NamedTuple):
    """Ticks of all cores since the machine started, the busy ones among them, and seconds of our own processes."""

    total: int
    busy: int
    own: float


def machine_load(own_seconds: float) -> Load | None:
    """None where there is no /proc/stat."""
    try:
        with open("/proc/stat") as file:
            ticks = [int(field) for field in file.readline().split()[1:9]]
    except OSError:
        return None
    return Load(sum(ticks), sum(ticks) - ticks[3] - ticks[4], own_seconds)


def foreign_share(before: Load | None, after: Load | None) -> float | None:
    if before is None or after is None or after.total <= before.total:
        return None
    total, busy, own = (late - early for early, late in zip(before, after))
    return min(max((busy - own * 100) / total, 0.0), 1.0)
