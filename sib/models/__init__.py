from sib.models.conferences import CnxRow, ConferenceFile, Record, Step
from sib.models.differences import Difference, RowIssue
from sib.models.mirror import MirrorChange, MirrorRecord

__all__ = [
    "CnxRow",
    "ConferenceFile",
    "Difference",
    "MirrorChange",
    "MirrorRecord",
    "Record",
    "RowIssue",
    "Step",
]
