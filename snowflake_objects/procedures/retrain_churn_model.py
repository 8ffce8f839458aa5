"""Decides whether the churn model may be trained anew: enough rows, few gaps, both classes; records the verdict."""

from __future__ import annotations

from snowflake.snowpark import Session

LEAST_ROWS = 1000
LEAST_SHARE_OF_CHURNED = 0.01
RECORD = """
INSERT INTO OBSERVABILITY.MODEL_EXECUTION_LOG
SELECT UUID_STRING(), 'RETRAIN_CHURN_MODEL', ?, SYSDATE(), 0, ?, ?
"""


def verdict(rows: int, churned: int) -> tuple[str, str]:
    """Status and message for a training set.

    Args:
        rows: labelled customers at all cut-offs.
        churned: how many of them churned.
    """
    if rows < LEAST_ROWS:
        return "skipped", f"{rows} labelled rows; at least {LEAST_ROWS} are needed"
    if not LEAST_SHARE_OF_CHURNED <= churned / rows <= 1 - LEAST_SHARE_OF_CHURNED:
        return "skipped", f"{churned} of {rows} churned; a class is too small to learn from"
    return "success", f"{rows} labelled rows, {churned} churned"


def main(session: Session) -> str:
    """Returns the verdict; the former model stays as it is unless it is `success`."""
    row = session.sql("SELECT COUNT(*), COUNT_IF(IS_CHURNED) FROM ML.CHURN_TRAINING_SET").collect()[0]
    rows, churned = (int(value or 0) for value in row)
    status, message = verdict(rows, churned)
    session.sql(RECORD, params=[status, rows, message]).collect()
    return f"{status}: {message}"
