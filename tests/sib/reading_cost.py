"""What comes of a file read through, and in a process of its own what that costs."""

import json
import resource
import sys
from pathlib import Path

from cnsportal.db import peak_memory
from sib.formats.archives import members
from sib.formats.cnx.conference import read
from sib.formats.cnx.copy_rows import as_rows
from sib.formats.errors import InvalidSibFile


def outcome(path):
    """(sentence, 0, nothing) of a refused file; ("", records, fields that were not understood) of one that was read."""
    try:
        count, issues = 0, set()
        for member in members(path):
            with member.open() as stream:
                for record in read(stream).records():
                    count += 1
                    issues |= {issue.field for issue in record.issues}
    except InvalidSibFile as refusal:
        return refusal.sentence, 0, set()
    return "", count, issues


def staged(path):
    """As ``outcome``, but as the worker reads it, rows made: sentence, records."""
    count = 0
    try:
        for number, member in enumerate(members(path), 1):
            with member.open() as stream:
                for rows in as_rows(read(stream).batches(), part=number, first=count + 1):
                    count += rows.records
    except InvalidSibFile as refusal:
        return refusal.sentence, 0
    return "", count


if __name__ == "__main__":
    told_sentence, told_records = staged(Path(sys.argv[1]))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    report = {
        "sentence": told_sentence,
        "records": told_records,
        "peak": peak_memory.peak_rss_mib(),
        "seconds": usage.ru_utime + usage.ru_stime,
    }
    sys.stdout.write(json.dumps(report))
