"""What must hold of everything that the platform deploys, as plain functions.

A rule about one resource is a function of its type and inputs, a rule about a stack a function of all its resources;
both yield one sentence for each breach. `python -m infra.rules` applies them to every stack, planned offline;
`policy/` wraps the same functions for `pulumi up --policy-pack policy`.
"""
