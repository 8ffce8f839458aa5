"""Documents made from the dbt project. `make docs` writes them, tests fail when they are stale."""
