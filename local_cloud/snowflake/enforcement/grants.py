"""Who may grant and revoke.

https://docs.snowflake.com/en/user-guide/security-access-control-configure#centralizing-grant-management-using-managed-access-schemas

The owner of an object grants on it; in a managed access schema the schema's owner does instead. MANAGE GRANTS allows
everything but privileges on the account, which are the account administrator's. Who holds a privilege with the grant
option may pass it on.
"""

from __future__ import annotations

from collections.abc import Iterable

from local_cloud.snowflake import errors
from local_cloud.snowflake.enforcement import privileges, roles
from local_cloud.snowflake.objects import access
from local_cloud.snowflake.objects.access import OWNERSHIP, Grantee
from local_cloud.snowflake.session import Session


def require_on_objects(session: Session, kind: str, names: Iterable[str], wanted: Iterable[str]) -> None:
    """Raise unless the session may grant some privileges on objects of one type.

    Raises:
        SnowflakeError: 002003 the role does not see an object; 003102 it may not grant on it.
    """
    if privileges.is_free(session):
        return
    for name in names:
        if kind == "ACCOUNT":
            if not _on_account(session, wanted):
                raise _refused()
        elif not _may_manage(session) and not _is_owner(session, kind, name):
            privileges.require(session, kind, name)
            if not _may_pass_on(session, kind, name, wanted):
                raise _refused()


def require_on_future(session: Session, scope: str, name: str) -> None:
    """Future grants are for MANAGE GRANTS, and in a managed access schema also for its owner."""
    if privileges.is_free(session) or _may_manage(session):
        return
    if scope == "SCHEMA" and _is_managed(session, name) and _owns(session, "SCHEMA", name):
        return
    privileges.require(session, scope, name)
    raise errors.insufficient_privileges(scope, name.rpartition(".")[2])


def require_on_role(session: Session, role: Grantee) -> None:
    """A role is given by its owner, or with MANAGE GRANTS.

    Raises:
        SnowflakeError: 003001.
    """
    kind = role.kind.replace("_", " ")
    if not privileges.is_free(session) and not _may_manage(session) and not _owns(session, kind, role.name):
        raise errors.insufficient_privileges(kind, role.name.rpartition(".")[2])


def _may_manage(session: Session) -> bool:
    return "MANAGE GRANTS" in privileges.on_account(session.account, roles.active(session))


def _on_account(session: Session, wanted: Iterable[str]) -> bool:
    own = privileges.on_account(session.account, roles.active(session))
    return roles.ADMINISTER in own or _may_pass_on(session, "ACCOUNT", session.account.name, wanted)


def _owns(session: Session, kind: str, name: str) -> bool:
    return OWNERSHIP in privileges.held(session.account, roles.active(session), kind, name)


def _is_owner(session: Session, kind: str, name: str) -> bool:
    """The object's owner, or in a managed access schema the schema's."""
    above = privileges.containers(kind, name)
    if above and above[-1][0] == "SCHEMA" and _is_managed(session, above[-1][1]):
        return _owns(session, *above[-1])
    return _owns(session, kind, name)


def _is_managed(session: Session, schema: str) -> bool:
    entry = session.account.catalog.get("schema", schema)
    return entry is not None and bool(entry.document.get("MANAGED_ACCESS"))


def _may_pass_on(session: Session, kind: str, name: str, wanted: Iterable[str]) -> bool:
    holders = roles.active(session)
    found = access.grants_on(session.account, kind, name)
    passable = {grant.privilege for grant in found if grant.grant_option and grant.holder in holders}
    return bool(passable) and set(wanted) <= passable


def _refused() -> errors.SnowflakeError:
    return errors.SnowflakeError(3102, "42501", "Grant not executed: Insufficient privileges.")
