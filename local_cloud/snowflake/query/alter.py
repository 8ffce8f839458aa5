"""ALTER TABLE and ALTER VIEW; https://docs.snowflake.com/en/sql-reference/sql/alter-table"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from local_cloud.snowflake import errors
from local_cloud.snowflake.objects import access
from local_cloud.snowflake.query import column_types, ddl, names, notes, run, translate
from local_cloud.snowflake.query.database import identifier
from local_cloud.snowflake.query.notes import Name
from local_cloud.snowflake.registry import statement
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

# Clauses about storage and tracking that change nothing here.
_NO_EFFECT = (exp.Cluster, exp.ClusterProperty, exp.AddConstraint)


@statement("ALTER TABLE", "ALTER VIEW")
def alter(session: Session, given: Statement) -> Result:
    """One or more actions on a table or view, all or none."""
    if given.words[-1:] == ["RECLUSTER"]:
        return status("Statement executed successfully.")
    run.commit(session)
    tree = translate.parse(given.text)
    if isinstance(tree, exp.Command):
        return _comment_columns(session, given)
    upper = tree.transform(translate.stored_case, copy=False)
    name = names.qualified(session, upper.this)
    kind = ddl.kind_of(session, name) if ".".join(name) not in session.temporary else "TEMPORARY"
    if kind is None:
        if tree.args.get("exists"):
            return status("Statement executed successfully.")
        raise errors.does_not_exist(str(upper.args["kind"]).capitalize(), ".".join(name))
    with run.atomic(session):
        for action in upper.args["actions"]:
            _apply(session, kind, name, action)
    return status("Statement executed successfully.")


def _comment_columns(session: Session, given: Statement) -> Result:
    """ALTER TABLE t ALTER a COMMENT 'x', b COMMENT 'y', which sqlglot does not read."""
    tokens = given.tokens[2:]
    start = next((i for i, token in enumerate(tokens) if token.text.upper() in {"ALTER", "MODIFY"}), None)
    comments = _comments(tokens[start + 1 :]) if start is not None else None
    if comments is None:
        raise errors.not_supported(f"{given.words[0]} {given.words[1]} with this action: {given.text}")
    target = translate.parse(f"describe table {given.text[tokens[0].start : tokens[start or 0].start]}")
    name = names.qualified(session, target.transform(translate.stored_case, copy=False).this)
    with run.atomic(session):
        for column, text in comments:
            ddl.set_column_comment(session, name, column, text)
    return status("Statement executed successfully.")


def _comments(tokens: list[Token]) -> list[tuple[str, str]] | None:
    """Column and comment of each `[COLUMN] a COMMENT 'x'` or `a UNSET COMMENT`; None when it is something else."""
    words = [token for token in tokens if token.text.upper() not in {"COLUMN", ","} or _is_quoted(token)]
    found = []
    for column, keyword, text in zip(words[0::3], words[1::3], words[2::3], strict=False):
        unset = (keyword.text.upper(), text.text.upper()) == ("UNSET", "COMMENT")
        if (keyword.text.upper() != "COMMENT" and not unset) or len(words) % 3:
            return None
        comment = "" if unset else text.text
        found.append((column.text if _is_quoted(column) else column.text.upper(), comment))
    return found or None


def _is_quoted(token: Token) -> bool:
    return token.token_type.name in {"IDENTIFIER", "STRING", "RAW_STRING", "HEREDOC_STRING"}


def _apply(session: Session, kind: str, name: Name, action: exp.Expr) -> None:
    target = _place(session, name)
    verb = f"alter {'view' if kind == 'VIEW' else 'table'} {target}"
    match action:
        case exp.AlterRename():
            new = names.qualified(session, action.this)
            _rename(session, kind, name, new)
            access.rename_owner(session.account, kind, ".".join(name), ".".join(new))
        case exp.SwapTable():
            _swap(session, name, names.qualified(session, action.this))
        case exp.ColumnDef():
            _add_column(session, verb, name, action)
        case exp.Drop() if str(action.args.get("kind")).upper() == "COLUMN":
            exists = "if exists " if action.args.get("exists") else ""
            for column in action.args["tables"]:
                run.execute(session, f"{verb} drop column {exists}{identifier(column.name)}")
        case exp.RenameColumn():
            old, new = action.this.name, action.args["to"].name
            run.execute(session, f"{verb} rename column {identifier(old)} to {identifier(new)}")
        case exp.AlterColumn():
            _alter_column(session, verb, name, action)
        case exp.AlterSet():
            _set(session, kind, name, action)
        case exp.Set() if action.args.get("unset"):
            _unset(session, kind, name, [each.name.upper() for each in action.expressions])
        case _ if isinstance(action, _NO_EFFECT) or "CLUSTERING" in action.sql().upper():
            return
        case _:
            raise errors.not_supported(f"ALTER {kind} {action.sql(dialect='snowflake')}")


def _place(session: Session, name: Name) -> str:
    dotted = ".".join(name)
    return translate.sql(names.temporary(dotted)) if dotted in session.temporary else notes.dotted(name)


def _rename(session: Session, kind: str, name: Name, new: Name) -> None:
    """DuckDB renames within a schema; a move to another one is a copy of the rows."""
    if ddl.kind_of(session, new) is not None:
        raise errors.already_exists(".".join(new))
    if name[:2] == new[:2]:
        run.execute(session, f"alter {kind} {notes.dotted(name)} rename to {identifier(new[2])}")
        return
    if kind != "TABLE" or name[0] != new[0]:
        raise errors.not_supported(f"ALTER {kind} ... RENAME TO another database")
    ddl.require_schema(session, new)
    note = notes.read(session, kind, name)
    run.execute(session, f"create table {notes.dotted(new)} as select * from {notes.dotted(name)}")
    notes.write(session, kind, new, note)
    run.execute(session, f"drop table {notes.dotted(name)}")


def _swap(session: Session, name: Name, other: Name) -> None:
    for one in (name, other):
        if ddl.kind_of(session, one) is None:
            raise errors.does_not_exist("Table", ".".join(one))
    if name[:2] != other[:2]:
        raise errors.not_supported("ALTER TABLE ... SWAP WITH a table of another schema")
    spare = (*name[:2], f"_swap_{name[2]}")
    for old, new in ((name, spare), (other, name), (spare, other)):
        run.execute(session, f"alter table {notes.dotted(old)} rename to {identifier(new[2])}")
    access.swap_owners(session.account, "TABLE", ".".join(name), ".".join(other))


def _add_column(session: Session, verb: str, name: Name, column: exp.ColumnDef) -> None:
    exists = "if not exists " if column.args.get("exists") else ""
    default = column.find(exp.DefaultColumnConstraint)
    kind = translate.sql(translate.to_duckdb(column.args["kind"].copy()))
    value = f" default {translate.sql(translate.to_duckdb(default.this.copy()))}" if default else ""
    run.execute(session, f"{verb} add column {exists}{identifier(column.name)} {kind}{value}")
    if column.find(exp.NotNullColumnConstraint):
        run.execute(session, f"{verb} alter column {identifier(column.name)} set not null")
    declared = column_types.declared(column.args["kind"])
    if declared and ".".join(name) not in session.temporary:
        notes.write_column(session, name, column.name, {"type": declared})
    if text := column.find(exp.CommentColumnConstraint):
        ddl.set_column_comment(session, name, column.name, text.this.name)


def _alter_column(session: Session, verb: str, name: Name, action: exp.AlterColumn) -> None:
    column = identifier(action.this.name)
    if (kind := action.args.get("dtype")) is not None:
        engine = translate.sql(translate.to_duckdb(kind.copy()))
        run.execute(session, f"{verb} alter column {column} set data type {engine}")
        note = {**notes.read_column(session, name, action.this.name)}
        note.pop("type", None)
        declared = column_types.declared(kind)
        notes.write_column(session, name, action.this.name, {**note, **({"type": declared} if declared else {})})
    elif (text := action.args.get("comment")) is not None:
        ddl.set_column_comment(session, name, action.this.name, text.name)
    elif action.args.get("allow_null") is not None:
        run.execute(session, f"{verb} alter column {column} {'drop' if action.args['allow_null'] else 'set'} not null")
    elif action.args.get("drop"):
        run.execute(session, f"{verb} alter column {column} drop default")
    elif (value := action.args.get("default")) is not None:
        run.execute(session, f"{verb} alter column {column} set default {translate.sql(translate.to_duckdb(value))}")
    else:
        raise errors.not_supported(f"ALTER TABLE {action.sql(dialect='snowflake')}")


def _set(session: Session, kind: str, name: Name, action: exp.AlterSet) -> None:
    if text := action.find(exp.SchemaCommentProperty):
        ddl.set_comment(session, kind, name, text.this.name)
    for option in action.find_all(exp.Property):
        if option.name.upper() == notes.RETENTION:
            note = notes.read(session, kind, name)
            notes.write(session, kind, name, {**note, "retention": int(option.args["value"].name)})


def _unset(session: Session, kind: str, name: Name, options: list[str]) -> None:
    keys = {"COMMENT": "comment", notes.RETENTION: "retention"}
    if other := [option for option in options if option not in {*keys, "CHANGE_TRACKING"}]:
        raise errors.not_supported(f"ALTER {kind} ... UNSET {', '.join(other)}")
    gone = {keys.get(option) for option in options}
    note = {key: value for key, value in notes.read(session, kind, name).items() if key not in gone}
    notes.write(session, kind, name, note)
