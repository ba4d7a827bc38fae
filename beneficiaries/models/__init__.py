from beneficiaries.models.cns import CnsNumber, CnsSource, Review
from beneficiaries.models.links import Beneficiary, Relationship, WaitingGroup, WaitingPeriod, WaitingUnit
from beneficiaries.models.pending import PendingReason
from beneficiaries.models.people import Person, Sex
from beneficiaries.models.plans import Administrator, Company, Contract, ContractKind, Plan, Regulation

__all__ = [
    "Administrator",
    "Beneficiary",
    "CnsNumber",
    "CnsSource",
    "Company",
    "Contract",
    "ContractKind",
    "PendingReason",
    "Person",
    "Plan",
    "Regulation",
    "Relationship",
    "Review",
    "Sex",
    "WaitingGroup",
    "WaitingPeriod",
    "WaitingUnit",
]
