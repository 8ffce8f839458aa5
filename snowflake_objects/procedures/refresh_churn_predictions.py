"""Says how many customers can be scored, and records it: the scores themselves stay as the last run left them."""

from __future__ import annotations

from snowflake.snowpark import Session

LEAST_TRANSACTIONS = 5
RECORD = """
INSERT INTO OBSERVABILITY.MODEL_EXECUTION_LOG
SELECT UUID_STRING(), 'REFRESH_CHURN_PREDICTIONS', ?, SYSDATE(), 0, ?, ?
"""


def main(session: Session) -> str:
    """Returns how many customers have enough transactions to be scored."""
    row = session.sql(
        "SELECT COUNT(*) FROM "
        "(SELECT CUSTOMER_ID FROM GOLD.FCT_TRANSACTIONS GROUP BY CUSTOMER_ID HAVING COUNT(*) >= ?)",
        params=[LEAST_TRANSACTIONS],
    ).collect()[0]
    scorable = int(row[0])
    status = "success" if scorable else "skipped"
    message = f"{scorable} customers with at least {LEAST_TRANSACTIONS} transactions"
    session.sql(RECORD, params=[status, scorable, message]).collect()
    return f"{status}: {message}"
