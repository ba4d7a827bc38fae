"""What SQL of this app names of the registry: the view of a link, and three tables each by itself."""

import re

from tests.paths import ROOT


def test_what_belongs_to_a_link_is_read_in_the_view():
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "sib").rglob("*.sql"))

    assert sorted(set(re.findall(r"\bbeneficiaries_\w+", text))) == [
        "beneficiaries_beneficiary",
        "beneficiaries_cnsnumber",
        "beneficiaries_person",
        "beneficiaries_registry_link_v1",
    ]
