"""The Snowflake half of the Pulumi program: settings, names and one module per kind of object."""
