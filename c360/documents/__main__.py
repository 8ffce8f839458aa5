"""`python -m c360.documents`: write every document that is made from the dbt project."""

from c360.documents.catalogue import documents
from c360.documents.project import REPOSITORY, manifest

for path, text in documents(manifest()).items():
    (REPOSITORY / path).write_text(text, encoding="utf-8")
