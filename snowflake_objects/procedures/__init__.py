"""Code that runs inside Snowflake: each file is the body of one Python procedure, with `main` as its handler.

A file imports nothing of this repository: its text alone is what `operations.py` deploys.
"""
