"""Deliberate mistakes in the dbt models, and a check that the tests notice each of them."""
