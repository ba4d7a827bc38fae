"""The peak memory of this process."""

import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_rss_mib() -> float:
    """MiB, at most and all at once. Where the system does not report a process's own peak, ru_maxrss stands in, which
    begins with that of the process that started it.
    """
    if not _STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(_STATUS.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]) / 1024
