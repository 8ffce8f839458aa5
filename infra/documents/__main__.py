"""`python -m infra.documents`: write every generated document."""

from infra.documents.catalogue import DOCUMENTS
from infra.offline import REPOSITORY

for path, make in DOCUMENTS.items():
    (REPOSITORY / path).write_text(make(), encoding="utf-8")
