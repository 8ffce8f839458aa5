"""Checks what bronze received within the last hours, and records what it found in DATA_QUALITY_METRICS."""

from __future__ import annotations

from snowflake.snowpark import Session

CHECKS = {
    # Delivered twice: silver keeps one of them.
    "duplicates": "COUNT(TRANSACTION_ID) - COUNT(DISTINCT TRANSACTION_ID)",
    "missing_keys": "COUNT_IF(TRANSACTION_ID IS NULL OR CUSTOMER_ID IS NULL)",
    "unreadable_amounts": "COUNT_IF(TRY_CAST(TRANSACTION_AMOUNT AS NUMBER(12, 2)) IS NULL)",
}
RECORD = """
INSERT INTO OBSERVABILITY.DATA_QUALITY_METRICS
SELECT ?, SYSDATE(), 'BRONZE', 'bronze_transactions', ?, ?, ?, ?, NULL
"""


def main(session: Session, hours: int) -> str:
    """Returns what was found, in one line.

    Args:
        hours: how far back to look.
    """
    failures = ", ".join(CHECKS.values())
    row = session.sql(
        f"SELECT COUNT(*), {failures} FROM BRONZE.BRONZE_TRANSACTIONS "
        "WHERE INGESTION_TIMESTAMP > DATEADD(hour, ?, CURRENT_TIMESTAMP())",
        params=[-hours],
    ).collect()[0]
    checked, *failed = (int(value or 0) for value in row)
    run = session.sql("SELECT UUID_STRING()").collect()[0][0]
    for name, count in zip(CHECKS, failed, strict=True):
        rate = count / checked if checked else 0.0
        session.sql(RECORD, params=[run, name, checked, count, rate]).collect()
    return f"{checked} rows checked: " + ", ".join(
        f"{name} {count}" for name, count in zip(CHECKS, failed, strict=True)
    )
