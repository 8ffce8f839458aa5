"""What CREATE, ALTER, DROP, DESCRIBE, COMMENT and EXECUTE need, as tables over the types of objects.

Each statement's page has a section "Access control requirements", e.g.
https://docs.snowflake.com/en/sql-reference/sql/create-table#access-control-requirements. The rule without exception:
CREATE X needs the privilege CREATE X on what X will be in, ALTER and DROP need OWNERSHIP, DESCRIBE needs any privilege.
What else a statement uses (stages, formats, integrations, warehouses, procedures) is checked where it is looked up.
"""

from __future__ import annotations

from local_cloud.snowflake import errors
from local_cloud.snowflake.enforcement import privileges, roles
from local_cloud.snowflake.objects.access import OWNERSHIP, catalog_kind
from local_cloud.snowflake.objects.ddl import Reader
from local_cloud.snowflake.objects.securables import BY_NAME, Securable, full_name
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

# Words of statements that mean a type called otherwise by GRANT.
_SYNONYMS = {
    "STORAGE INTEGRATION": "INTEGRATION",
    "NOTIFICATION INTEGRATION": "INTEGRATION",
    "API INTEGRATION": "INTEGRATION",
    "SECURITY INTEGRATION": "INTEGRATION",
    "EXTERNAL ACCESS INTEGRATION": "INTEGRATION",
}
_KINDS: dict[tuple[str, ...], Securable] = {
    tuple(words.split()): BY_NAME[name] for words, name in {**{name: name for name in BY_NAME}, **_SYNONYMS}.items()
}
_MODIFIERS = ("TEMPORARY", "TEMP", "TRANSIENT", "VOLATILE", "SECURE", "LOCAL", "GLOBAL", "RECURSIVE")
_TEMPORARY = {"TEMPORARY", "TEMP", "VOLATILE"}

_SETTINGS = {"SET": "MODIFY", "UNSET": "MODIFY"}
_RUNS = {"RESUME": "OPERATE", "SUSPEND": "OPERATE"}
# ALTER <type> <name> <word>: the privilege that is enough; for all other words OWNERSHIP is needed.
ALTER: dict[str, dict[str, str]] = {
    "WAREHOUSE": {**_SETTINGS, **_RUNS, "ABORT": "OPERATE"},
    "DATABASE": _SETTINGS,
    "SCHEMA": _SETTINGS,
    "RESOURCE MONITOR": _SETTINGS,
    "PIPE": {"SET": "OPERATE", "UNSET": "OPERATE", "REFRESH": "OPERATE"},
    "TASK": _RUNS,
    "ALERT": _RUNS,
    "DYNAMIC TABLE": {**_RUNS, "REFRESH": "OPERATE"},
}
# EXECUTE <type> <name>.
EXECUTE = {"TASK": "OPERATE", "ALERT": "OPERATE"}
# DESCRIBE that needs more than any privilege at all.
DESCRIBE: dict[str, tuple[str, ...]] = {"PIPE": ("MONITOR", "OPERATE"), "USER": (OWNERSHIP,)}


def check(session: Session, given: Statement) -> None:
    """Raise what Snowflake says when the session's roles may not run a statement of the control plane.

    Raises:
        SnowflakeError: 002003, 003001.
    """
    if privileges.is_free(session) or not given.kind_words:
        return
    verb = given.kind_words[0]
    if verb == "COMMENT":
        _comment(session, Reader(given))
    elif given.kind_words[:2] == ("ALTER", "ACCOUNT"):
        privileges.require_on_account(session, roles.ADMINISTER)
    elif (found := _kind_of(given.kind_words[1:])) is not None:
        rule = {"CREATE": _create, "ALTER": _alter, "DROP": _drop, "DESCRIBE": _describe, "EXECUTE": _execute}.get(verb)
        if rule:
            rule(session, given, *found)


def _kind_of(words: tuple[str, ...]) -> tuple[tuple[str, ...], Securable] | None:
    """The longest words that name a type: DATABASE ROLE before DATABASE."""
    for length in range(min(len(words), 3), 0, -1):
        if securable := _KINDS.get(words[:length]):
            return words[:length], securable
    return None


def _create(session: Session, given: Statement, words: tuple[str, ...], securable: Securable) -> None:
    """Only the primary role and what it inherits count for CREATE; secondary roles do not."""
    reader = Reader(given)
    reader.expect("CREATE")
    replaces = reader.accept("OR") and reader.accept_one("REPLACE", "ALTER") is not None
    modifiers: set[str] = set()
    while modifier := reader.accept_one(*_MODIFIERS):
        modifiers.add(modifier)
    reader.expect(*words)
    reader.accept("IF", "NOT", "EXISTS")
    name = full_name(session, securable, reader.name(securable.parts))
    own = roles.primary(session)
    if modifiers & _TEMPORARY:
        privileges.require_containers(session, securable.name, name, own)
        return
    require_create(session, securable, name)
    if replaces:
        privileges.require(session, securable.name, name, OWNERSHIP, holders=own)


def require_create(session: Session, securable: Securable, name: str) -> None:
    """CREATE X on the schema, database or account that the new object will be in."""
    own = roles.primary(session)
    privilege = f"CREATE {securable.name}"
    above = privileges.containers(securable.name, name)
    if above:
        kind, container = above[-1]
        privileges.require_containers(session, securable.name, name, own)
        privileges.require(session, kind, container, privilege, holders=own)
    else:
        privileges.require_on_account(session, privilege, holders=own)


def _alter(session: Session, given: Statement, words: tuple[str, ...], securable: Securable) -> None:
    reader = Reader(given)
    reader.expect("ALTER", *words)
    lenient = reader.accept("IF", "EXISTS")
    if securable.name == "WAREHOUSE" and reader.word() in ALTER["WAREHOUSE"] and reader.word(1) in {"", "SET"}:
        return  # the current warehouse, without a name
    name = _named(session, reader, securable)
    enough = ALTER.get(securable.name, {}).get(reader.word(), OWNERSHIP)
    _require(session, securable, name, lenient, enough)


def _drop(session: Session, given: Statement, words: tuple[str, ...], securable: Securable) -> None:
    reader = Reader(given)
    reader.expect("DROP", *words)
    lenient = reader.accept("IF", "EXISTS")
    name = _named(session, reader, securable)
    _require(session, securable, name, lenient, OWNERSHIP)


def _require(session: Session, securable: Securable, name: str, lenient: bool, *any_of: str) -> None:
    if name in session.temporary:
        return
    try:
        privileges.require(session, _actual(session, securable, name), name, *any_of, label=securable.shown)
    except errors.SnowflakeError as error:
        # IF EXISTS would let an object that is there and not seen be dropped: it is refused in any case.
        if lenient and error.errno == 2003:
            raise errors.insufficient_privileges(securable.name, name.rpartition(".")[2]) from error
        raise


def _actual(session: Session, securable: Securable, name: str) -> str:
    """ALTER TABLE and DROP TABLE also find views, and say so: what counts is what is there."""
    if securable.name in {"TABLE", "VIEW"}:
        kinds = {catalog_kind(kind): kind for kind in ("TABLE", "VIEW")}
        for found in session.account.catalog.owners(name, *kinds):
            return kinds[found]
    return securable.name


def _describe(session: Session, given: Statement, words: tuple[str, ...], securable: Securable) -> None:
    reader = Reader(given)
    reader.any_word()
    reader.expect(*words)
    reader.accept("IF", "EXISTS")
    if securable.name == "USER" and reader.word() == session.user:
        return
    name = _named(session, reader, securable)
    if name not in session.temporary:
        wanted = DESCRIBE.get(securable.name, ())
        privileges.require(session, _actual(session, securable, name), name, *wanted, label=securable.shown)


def _execute(session: Session, given: Statement, words: tuple[str, ...], securable: Securable) -> None:
    if securable.name not in EXECUTE:
        return
    reader = Reader(given)
    reader.expect("EXECUTE", *words)
    privileges.require(session, securable.name, _named(session, reader, securable), EXECUTE[securable.name])


def _comment(session: Session, reader: Reader) -> None:
    reader.expect("COMMENT")
    lenient = reader.accept("IF", "EXISTS")
    reader.expect("ON")
    if reader.accept("COLUMN"):
        column = reader.name(4)
        _require(session, BY_NAME["TABLE"], session.qualify(*column[:-1]), lenient, OWNERSHIP)
    elif kind := next((name for name in sorted(BY_NAME, key=len, reverse=True) if reader.accept(*name.split())), None):
        _require(session, BY_NAME[kind], _named(session, reader, BY_NAME[kind]), lenient, OWNERSHIP)


def _named(session: Session, reader: Reader, securable: Securable) -> str:
    name = full_name(session, securable, reader.name(max(securable.parts, 1)))
    if securable.name in {"FUNCTION", "PROCEDURE"} and reader.word() == "(":
        name += "(" + ", ".join(reader.many(reader.any_word)) + ")"
    return name
