"""CREATE, DROP and COMMENT for tables and views."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from local_cloud.snowflake import errors
from local_cloud.snowflake.enforcement import warehouse
from local_cloud.snowflake.loading import history
from local_cloud.snowflake.objects import access, relation_entries
from local_cloud.snowflake.query import column_types, names, notes, run, translate
from local_cloud.snowflake.query.notes import Name
from local_cloud.snowflake.registry import statement
from local_cloud.snowflake.results import Result, status
from local_cloud.snowflake.session import Session
from local_cloud.snowflake.statement import Statement

# Constraints that Snowflake records and does not enforce; DuckDB would enforce them.
_NOT_ENFORCED = (
    exp.PrimaryKeyColumnConstraint,
    exp.UniqueColumnConstraint,
    exp.ForeignKey,
    exp.Reference,
    exp.CommentColumnConstraint,
    exp.CollateColumnConstraint,
)


@statement("CREATE TABLE")
def create_table(session: Session, given: Statement) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/create-table, with AS, LIKE and CLONE."""
    tree = translate.parse(given.text)
    properties = _properties(tree)
    if "DYNAMIC" in properties or not isinstance(tree, exp.Create):
        raise errors.not_supported("CREATE DYNAMIC TABLE")
    run.commit(session)
    prepared = translate.prepare(session, tree)
    assert isinstance(prepared, exp.Create)
    if prepared.expression is not None:
        warehouse.require(session)
    return _Creation(session, prepared, properties).table()


@statement("CREATE VIEW")
def create_view(session: Session, given: Statement) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/create-view"""
    tree = translate.parse(given.text)
    if not isinstance(tree, exp.Create):
        raise errors.not_supported("CREATE VIEW with these options")
    run.commit(session)
    properties = _properties(tree)
    prepared = translate.prepare(session, tree)
    assert isinstance(prepared, exp.Create)
    return _Creation(session, prepared, properties).view(given.text)


@statement("DROP TABLE", "DROP VIEW")
def drop(session: Session, given: Statement) -> Result:
    """https://docs.snowflake.com/en/sql-reference/sql/drop-table"""
    tree = translate.parse(given.text)
    run.commit(session)
    kind = str(tree.args["kind"]).upper()
    upper = tree.transform(translate.stored_case, copy=False)
    table = upper.args["tables"][0]
    name = names.qualified(session, table)
    dotted = ".".join(name)
    if dotted in session.temporary:
        run.execute(session, f"drop {session.temporary.pop(dotted)} {translate.sql(names.temporary(dotted))}")
        return status(f"{name[2]} successfully dropped.")
    found = kind_of(session, name)
    if found is None:
        if tree.args.get("exists"):
            return status("Drop statement executed successfully (" + name[2] + " already dropped).")
        raise errors.does_not_exist(kind.capitalize(), dotted)
    if found != kind:
        raise errors.compilation_error(
            2203, "02000", f"Object found is of type '{found}', not specified type '{kind}'."
        )
    run.execute(session, f"drop {kind} {notes.dotted(name)}")
    history.forget_table(session.connection, history.Target(*name))
    access.forget_owner(session.account, kind, dotted)
    return status(f"{name[2]} successfully dropped.")


@statement("COMMENT")
def comment(session: Session, given: Statement) -> Result:
    """COMMENT [IF EXISTS] ON TABLE | VIEW | COLUMN; https://docs.snowflake.com/en/sql-reference/sql/comment"""
    tree = translate.parse(given.text)
    kind = str(tree.args.get("kind", "")).upper()
    if kind not in {"TABLE", "VIEW", "COLUMN"} or not isinstance(tree, exp.Comment):
        raise errors.not_supported(f"COMMENT ON {kind or 'this kind of object'}")
    run.commit(session)
    upper = tree.transform(translate.stored_case, copy=False)
    text = upper.args["expression"].name
    if kind == "COLUMN":
        column = upper.this
        set_column_comment(session, session.qualified(*(part.name for part in column.parts[:-1])), column.name, text)
    else:
        set_comment(session, kind, names.qualified(session, upper.this), text)
    return status("Statement executed successfully.")


def set_comment(session: Session, kind: str, name: Name, text: str) -> None:
    if ".".join(name) in session.temporary:
        return
    if (found := kind_of(session, name)) is None:
        raise errors.does_not_exist(kind.capitalize(), ".".join(name))
    notes.write(session, found, name, {**notes.read(session, found, name), "comment": text})


def set_column_comment(session: Session, name: Name, column: str, text: str) -> None:
    if ".".join(name) in session.temporary:
        return
    if kind_of(session, name) is None:
        raise errors.does_not_exist("Table", ".".join(name))
    notes.write_column(session, name, column, {**notes.read_column(session, name, column), "comment": text})


def kind_of(session: Session, name: Name) -> str | None:
    """`TABLE`, `VIEW` or None for a stored object of that name."""
    found = run.execute(
        session,
        "select 'TABLE' from duckdb_tables() where (database_name, schema_name, table_name) = (?, ?, ?) union all "
        "select 'VIEW' from duckdb_views() where (database_name, schema_name, view_name) = (?, ?, ?)",
        [*name, *name],
    ).fetchone()
    return str(found[0]) if found else None


def require_schema(session: Session, name: Name) -> None:
    """Raises SnowflakeError 002003 unless database and schema of the name exist."""
    databases = session.account.databases
    if not databases.exists(name[0]):
        raise errors.does_not_exist("Database", name[0])
    if not databases.schema_exists(name[0], name[1]):
        raise errors.does_not_exist("Schema", f"{name[0]}.{name[1]}")


class _Creation:
    """One CREATE TABLE or CREATE VIEW, in pieces."""

    def __init__(self, session: Session, tree: exp.Create, properties: dict[str, Any]) -> None:
        self.session, self.tree, self.properties = session, tree, properties
        schema = tree.this if isinstance(tree.this, exp.Schema) else None
        self.definitions = list(schema.expressions) if schema else []
        target = schema.this if schema else tree.this
        parts = names.parts_of(target)
        # A name that is temporary in this session already reads as its place in the temporary catalog.
        self.name: Name = _split(parts[2]) if parts[0] == "temp" else (parts[0], parts[1], parts[2])
        self.temporary = "TEMPORARY" in properties
        self.replace = bool(tree.args.get("replace"))

    def table(self) -> Result:
        if (existing := self._existing("TABLE")) is not None:
            return existing
        note = self._note(transient="TRANSIENT" in self.properties or None)
        with run.atomic(self.session):
            self._create("table", self._table_body())
            if not self.temporary:
                history.forget_table(self.session.connection, history.Target(*self.name))
                self._write_note("TABLE", note)
        self._enter("TABLE", note)
        return status(f"Table {self.name[2]} successfully created.")

    def view(self, text: str) -> Result:
        if (existing := self._existing("VIEW")) is not None:
            return existing
        columns = ", ".join(translate.sql(_column_name(d)) for d in self.definitions)
        sources = sorted(set(names.stored_tables(self.tree.expression)))
        query = translate.sql(translate.to_duckdb(self.tree.expression))
        note = self._note(secure="SECURE" in self.properties or None, text=text, sources=sources)
        with run.atomic(self.session):
            self._create("view", f"{f'({columns}) ' if columns else ''}as {query}")
            if not self.temporary:
                self._write_note("VIEW", note)
        self._enter("VIEW", note)
        return status(f"View {self.name[2]} successfully created.")

    def _enter(self, kind: str, note: dict[str, Any]) -> None:
        """Temporary objects are the session's alone; grants say nothing about them."""
        if not self.temporary:
            relation_entries.record(self.session.account, kind, ".".join(self.name), note)

    def _existing(self, kind: str) -> Result | None:
        """The answer when the name is taken; None when creation goes on."""
        dotted = ".".join(self.name)
        found = self.session.temporary.get(dotted) if self.temporary else None
        if not self.temporary:
            require_schema(self.session, self.name)
            found = kind_of(self.session, self.name)
        if found is None or (self.replace and found == kind):
            return None
        if self.replace:
            raise errors.compilation_error(1998, "42710", f"Object '{dotted}' already exists as {found}")
        if self.tree.args.get("exists"):
            return status(f"{self.name[2]} already exists, statement succeeded.")
        raise errors.already_exists(dotted)

    def _create(self, kind: str, body: str) -> None:
        place = translate.sql(names.temporary(".".join(self.name))) if self.temporary else notes.dotted(self.name)
        scope = "temporary " if self.temporary else ""
        run.execute(self.session, f"create or replace {scope}{kind} {place} {body}")
        if self.temporary:
            self.session.temporary[".".join(self.name)] = kind.upper()

    def _table_body(self) -> str:
        if clone := self.tree.args.get("clone"):
            return f"as select * from {translate.sql(clone.this)}"
        if like := self.tree.find(exp.LikeProperty):
            return f"as select * from {translate.sql(like.this)} limit 0"
        if self.tree.expression is None:
            columns = ", ".join(self._column(d) for d in self.definitions if isinstance(d, exp.ColumnDef))
            return f"({columns})"
        query = translate.sql(translate.to_duckdb(self.tree.expression), copy=False)
        return f"as {self._shaped(query)}"

    def _shaped(self, query: str) -> str:
        """A query under the given column names, cast to the given types."""
        if not self.definitions:
            return query
        aliases = ", ".join(translate.sql(_column_name(d)) for d in self.definitions)
        selected = ", ".join(_cast(d) for d in self.definitions)
        return f"select {selected} from ({query}) as _source({aliases})"

    def _column(self, definition: exp.ColumnDef) -> str:
        kept = [c for c in definition.args.get("constraints") or [] if not isinstance(c.kind, _NOT_ENFORCED)]
        identity = [
            c
            for c in kept
            if isinstance(c.kind, exp.GeneratedAsIdentityColumnConstraint | exp.AutoIncrementColumnConstraint)
        ]
        bare = definition.copy()
        bare.set("constraints", [c.copy() for c in kept if c not in identity])
        text = translate.sql(translate.to_duckdb(bare))
        return f"{text} default nextval({self._sequence(definition, identity[0].kind)})" if identity else text

    def _sequence(self, definition: exp.ColumnDef, identity: exp.Expr) -> str:
        start, step = identity.args.get("start"), identity.args.get("increment")
        # A replaced table keeps its old sequence alive until it is gone, so that the name must be new each time.
        unique = abs(hash((id(definition), self.session.id))) % 10**10
        name = notes.dotted((self.name[0], self.name[1], f"_identity_{self.name[2]}_{definition.name}_{unique}"))
        run.execute(
            self.session,
            f"create sequence {name} start {start.name if start else 1} increment {step.name if step else 1}",
        )
        return notes.literal(name)

    def _note(self, **members: Any) -> dict[str, Any]:
        return notes.new(
            self.session,
            comment=self.properties.get("COMMENT"),
            cluster_by=self.properties.get("CLUSTER"),
            retention=self.properties.get("RETENTION"),
            copy_grants="COPY GRANTS" in self.properties or None,
            **members,
        )

    def _write_note(self, kind: str, note: dict[str, Any]) -> None:
        notes.write(self.session, kind, self.name, note)
        for definition in self.definitions:
            if isinstance(definition, exp.ColumnDef) and (column := _column_note(definition)):
                notes.write_column(self.session, self.name, definition.name, column)


def _column_note(definition: exp.ColumnDef) -> dict[str, str]:
    note: dict[str, str] = {}
    if definition.kind and (declared := column_types.declared(definition.kind)):
        note["type"] = declared
    if found := definition.find(exp.CommentColumnConstraint):
        note["comment"] = found.this.name
    return note


def _column_name(definition: exp.Expr) -> exp.Expr:
    return definition.this if isinstance(definition, exp.ColumnDef) else definition


def _cast(definition: exp.Expr) -> str:
    name = translate.sql(_column_name(definition))
    if not isinstance(definition, exp.ColumnDef) or definition.kind is None:
        return name
    return f"cast({name} as {translate.sql(translate.to_duckdb(definition.kind.copy()))}) as {name}"


def _properties(tree: exp.Expr) -> dict[str, Any]:
    """Options of CREATE by name: TEMPORARY, TRANSIENT, SECURE, COMMENT, CLUSTER, COPY GRANTS, RETENTION (days).

    Others change nothing.
    """
    found: dict[str, Any] = {}
    for node in tree.args["properties"].expressions if tree.args.get("properties") else []:
        match node:
            case exp.TemporaryProperty():
                found["TEMPORARY"] = True
            case exp.CopyGrantsProperty():
                found["COPY GRANTS"] = True
            case exp.TransientProperty():
                found["TRANSIENT"] = True
            case exp.SecureProperty():
                found["SECURE"] = True
            case exp.DynamicProperty():
                found["DYNAMIC"] = True
            case exp.SchemaCommentProperty():
                found["COMMENT"] = node.this.name
            case exp.Property() if node.name.upper() == notes.RETENTION:
                found["RETENTION"] = int(node.args["value"].name)
            case exp.ClusterProperty() | exp.Cluster():
                found["CLUSTER"] = f"LINEAR({', '.join(e.sql(dialect='snowflake') for e in node.expressions)})"
    return found


def _split(dotted: str) -> Name:
    database, schema, name = dotted.split(".", 2)
    return database, schema, name
