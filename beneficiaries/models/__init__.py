from beneficiaries.models.cns import CnsNumber, CnsSource, Review
from beneficiaries.models.links import Beneficiary, Relationship
from beneficiaries.models.people import PendingReason, Person, Sex
from beneficiaries.models.plans import Company, Contract, ContractKind, Plan, Regulation

__all__ = [
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
]
