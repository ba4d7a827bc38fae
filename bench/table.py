"""The lines that ``make bench`` prints."""


def line(name: str, seconds: float, count: int, ratio: str = "", peak: float | None = None) -> str:
    """Seconds, how many a second, the ratio to whatever the block is measured against, and MiB at the peak."""
    memory = f"{peak:.0f} MiB" if peak else ""
    return f"{name:<58}{seconds:>9.2f} s{count / seconds:>10,.0f} /s{ratio:>9}{memory:>10}".rstrip()
