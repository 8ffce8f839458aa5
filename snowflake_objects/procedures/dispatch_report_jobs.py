"""Queues new report jobs, the most urgent first, each once: who renders reports takes QUEUED ones from the table."""

from __future__ import annotations

from snowflake.snowpark import Session


def main(session: Session, most: int) -> str:
    """Returns how many jobs were queued.

    Args:
        most: how many at a time.
    """
    # One statement: what a second dispatcher sees is either before it or after.
    row = session.sql(
        "UPDATE REPORTING.JOBS SET STATUS = 'QUEUED', QUEUED_AT = SYSDATE() "
        "WHERE JOB_ID IN (SELECT JOB_ID FROM REPORTING.JOBS WHERE STATUS = 'NEW' "
        f"ORDER BY PRIORITY DESC, CREATED_AT LIMIT {int(most)})"
    ).collect()[0]
    return f"{row[0]} jobs queued"
