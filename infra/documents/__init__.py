"""Documents made from the program's own tables and models. `make docs` writes them, tests fail when they are stale."""
