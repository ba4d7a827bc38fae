from sib.models.answers import Critica, Rejection, Result, RpxFile
from sib.models.conferences import UNDECIDED, CnxRow, CnxStep, ConferenceFile, Record
from sib.models.differences import Difference, RowIssue
from sib.models.founding import Founding, HeldNewcomer
from sib.models.mirror import MirrorChange, MirrorRecord
from sib.models.movements import Movement, MovementState, MovementType, SbxFile, SbxKind, SbxState
from sib.models.night import NightReport

__all__ = [
    "UNDECIDED",
    "CnxRow",
    "CnxStep",
    "ConferenceFile",
    "Critica",
    "Difference",
    "Founding",
    "HeldNewcomer",
    "MirrorChange",
    "MirrorRecord",
    "Movement",
    "MovementState",
    "MovementType",
    "NightReport",
    "Record",
    "Rejection",
    "Result",
    "RowIssue",
    "RpxFile",
    "SbxFile",
    "SbxKind",
    "SbxState",
]
