"""Removes observations and finished report jobs that are past their retention."""

from __future__ import annotations

from snowflake.snowpark import Session

EXPIRING = (
    ("OBSERVABILITY.PIPELINE_RUN_METADATA", "FINISHED_AT", "TRUE"),
    ("OBSERVABILITY.MODEL_EXECUTION_LOG", "STARTED_AT", "TRUE"),
    ("OBSERVABILITY.LAYER_RECORD_COUNTS", "RUN_TIMESTAMP", "TRUE"),
    ("OBSERVABILITY.DATA_QUALITY_METRICS", "RUN_TIMESTAMP", "TRUE"),
    ("REPORTING.JOBS", "FINISHED_AT", "STATUS IN ('DONE', 'FAILED')"),
)


def main(session: Session, days: int) -> str:
    """Returns how many rows went, in one line.

    Args:
        days: how long rows are kept.
    """
    gone = []
    for table, moment, condition in EXPIRING:
        row = session.sql(
            f"DELETE FROM {table} WHERE {condition} AND {moment} < DATEADD(day, ?, SYSDATE())",
            params=[-days],
        ).collect()[0]
        gone.append(f"{table} {row[0]}")
    return "deleted: " + ", ".join(gone)
