"""Loading: stage files, COPY INTO in both directions, load history, pipes and Snowpipe."""

from local_cloud.snowflake.loading import copy_into, load_functions, pipes, stage_statements, transfer
from local_cloud.snowflake.loading.snowpipe import start, stop

__all__ = ["copy_into", "load_functions", "pipes", "stage_statements", "start", "stop", "transfer"]
