from beneficiaries.models.cns import CnsNumber, CnsSource, DecisionReason, Review, ReviewBatch
from beneficiaries.models.imports import ImportColumn, ImportLine, ImportRun, LineResult
from beneficiaries.models.links import Beneficiary, Relationship, WaitingGroup, WaitingPeriod, WaitingUnit
from beneficiaries.models.pending import PendingReason
from beneficiaries.models.people import Person, Sex
from beneficiaries.models.plans import Administrator, Company, Contract, ContractKind, Plan, Regulation
from beneficiaries.models.regroupings import DistinctPair, Regrouping

__all__ = [
    "Administrator",
    "Beneficiary",
    "CnsNumber",
    "CnsSource",
    "Company",
    "Contract",
    "ContractKind",
    "DecisionReason",
    "DistinctPair",
    "ImportColumn",
    "ImportLine",
    "ImportRun",
    "LineResult",
    "PendingReason",
    "Person",
    "Plan",
    "Regrouping",
    "Regulation",
    "Relationship",
    "Review",
    "ReviewBatch",
    "Sex",
    "WaitingGroup",
    "WaitingPeriod",
    "WaitingUnit",
]
