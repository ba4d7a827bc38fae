"""What comes of a file read through, and in a process of its own what that costs."""

import json
import resource
import sys
from pathlib import Path

from sib.cnx import NotCnx, read
from sib.packing import members


def outcome(path):
    """(sentence, 0, nothing) of a refused file; ("", records, fields that were not understood) of one that was read."""
    try:
        count, issues = 0, set()
        for member in members(path):
            with member.open() as stream:
                for record in read(stream).records():
                    count += 1
                    issues |= {issue.field for issue in record.issues}
    except NotCnx as refusal:
        return refusal.sentence, 0, set()
    return "", count, issues


def _peak():
    """Bytes of this process alone: ru_maxrss would begin with those of the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    told_sentence, told_records, _ = outcome(Path(sys.argv[1]))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    report = {"sentence": told_sentence, "records": told_records, "peak": _peak()}
    sys.stdout.write(json.dumps(report | {"seconds": usage.ru_utime + usage.ru_stime}))
