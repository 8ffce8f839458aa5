"""Access control: what each statement needs, and whether the session's roles have it.

https://docs.snowflake.com/en/user-guide/security-access-control-privileges

`roles` says which roles act for a session, `privileges` what they hold and how a refusal reads, `statements` what
CREATE, ALTER, DROP and their like need, `relations` what a query needs of the tables and views in it, `warehouse` when
a statement needs one, `grants` who may grant, and `visibility` what SHOW and INFORMATION_SCHEMA leave out.

A session without a role is the endpoint itself at work, and nothing is refused to it; a client's always has one.
"""
