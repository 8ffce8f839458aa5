"""The wire protocol that Snowflake's drivers speak, over the query engine."""
