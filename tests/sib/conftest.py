import pytest

from sib.services import process_conference, receive_file
from tests.sib.files import conference


@pytest.fixture
def bring(operator, tmp_path):
    """Receive and process a file of these records, applying it by default."""

    def bring(*records: str, apply=True, registration=operator.registration, sequence=1):
        path = conference(tmp_path / f"{sequence}.cnx", *records, registration=registration, sequence=sequence)
        file, _ = receive_file(path, name=path.name, wants_apply=apply)
        process_conference(file.pk)
        file.refresh_from_db()
        return file

    return bring
