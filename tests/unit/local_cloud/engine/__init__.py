"""The engine, with small programs of the tests' own."""
