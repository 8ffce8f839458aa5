"""Snowflake objects as tables: which input becomes which property of CREATE, ALTER and SHOW."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from local_cloud.engine.diff import changed_keys
from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.base import Handler, Live, NotCreatedError
from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.connection import SnowflakeConnection, is_gone, number_of
from local_cloud.engine.values import UNKNOWN, Properties


class SqlHandler(Handler):
    """Base of all Snowflake handlers: what is sent is a pure function of the inputs.

    Attributes:
        gate: the preview feature that the provider asks for, if any.
        allowed: input -> values that the provider takes, in upper case.
        tristate: inputs that are the texts "true" or "false" (or "default").
    """

    gate: ClassVar[str | None] = None
    allowed: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    tristate: ClassVar[frozenset[str]] = frozenset()

    def create_sql(self, inputs: Properties) -> list[str]:
        raise NotImplementedError

    def alter_sql(self, old: Properties, new: Properties) -> list[str]:
        return []

    def drop_sql(self, inputs: Properties) -> list[str]:
        raise NotImplementedError

    def id_of(self, inputs: Properties) -> str:
        raise NotImplementedError

    def computed(self, connection: SnowflakeConnection, inputs: Properties) -> Properties:
        """Outputs that are no inputs, of an object that exists."""
        return self.predicted(inputs)

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        if self.gate and self.gate not in (provider.get("previewFeaturesEnabled") or []):
            raise EngineError(
                f"{self.type} {name} is a preview feature; add {self.gate!r} to the provider's previewFeaturesEnabled"
            )
        super().check(name, inputs, provider)
        for key, values in self.allowed.items():
            value = inputs.get(key)
            if value is not None and value is not UNKNOWN and str(value).upper() not in values:
                raise EngineError(f"{self.type} {name}: the input {key} is {value!r}; allowed is {', '.join(values)}")
        for key in self.tristate:
            if inputs.get(key, UNKNOWN) is not UNKNOWN and inputs[key] not in ("true", "false", "default"):
                raise EngineError(
                    f"{self.type} {name}: the input {key} is {inputs[key]!r}; allowed is true, false, default"
                )
        # A text that stands for "whatever Snowflake does by default" is the same as none.
        return {key: value for key, value in inputs.items() if not (key in self.tristate and value == "default")}

    def identity(self, inputs: Properties) -> object:
        return self.id_of(inputs)

    def create(self, connection: SnowflakeConnection, inputs: Properties) -> tuple[str, Properties]:
        first, *others = self.create_sql(inputs)
        try:
            connection.execute(first)
        except Exception as error:
            if number_of(error) is not None:
                raise NotCreatedError(str(error)) from error
            raise
        for statement in others:
            connection.execute(statement)
        return self.id_of(inputs), self.computed(connection, inputs)

    def adopt(self, connection: SnowflakeConnection, inputs: Properties) -> tuple[str, Properties] | None:
        live = self.read(connection, self.id_of(inputs), inputs, {})
        if live is None:
            return None
        there = {key: value for key, value in (inputs | live.inputs).items() if value is not None}
        if self.replaced_by(there, inputs, changed_keys(there, inputs, self.same)):
            for statement in self.drop_sql(inputs):
                connection.execute(statement)
            return None
        for statement in [*self.create_sql(inputs)[1:], *self.alter_sql(there, inputs)]:
            connection.execute(statement)
        return self.id_of(inputs), self.computed(connection, inputs)

    def update(
        self, connection: SnowflakeConnection, id_: str, old: Properties, new: Properties, outputs: Properties
    ) -> Properties:
        for statement in self.alter_sql(old, new):
            connection.execute(statement)
        return self.computed(connection, new)

    def renamed_id(self, id_: str, inputs: Properties) -> str:
        return self.id_of(inputs)

    def delete(self, connection: SnowflakeConnection, id_: str, inputs: Properties, outputs: Properties) -> None:
        for statement in self.drop_sql(inputs):
            try:
                connection.execute(statement)
            except Exception as error:
                if not is_gone(error):
                    raise

    def statements(self, kind: str, old: Properties | None, new: Properties | None) -> list[str]:
        if kind == "create" and new is not None:
            return self.create_sql(new)
        if kind == "update" and old is not None and new is not None:
            return self.alter_sql(old, new)
        return self.drop_sql(old) if kind == "delete" and old is not None else []


@dataclass(frozen=True)
class Property:
    """One input of an object.

    Attributes:
        input: its name.
        keyword: its name in SQL.
        render: its value in SQL.
        column: where SHOW says it, or None if it does not.
        parse: the input's value from that column.
        on_create, on_alter: whether CREATE and ALTER take it.
    """

    input: str
    keyword: str
    render: Callable[[Any], str] = sql.text
    column: str | None = None
    parse: Callable[[Any], Any] = str
    on_create: bool = True
    on_alter: bool = True


def number(value: Any) -> int | None:
    """A number from SHOW, which is a text at times."""
    return None if value in (None, "", "null") else int(float(value))


def boolean_text(value: Any) -> str:
    """Snowflake's truth as the provider's text."""
    return "true" if str(value).lower() in ("true", "y", "yes", "on") else "false"


def boolean(value: Any) -> bool:
    return boolean_text(value) == "true"


COMMENT = Property("comment", "COMMENT", sql.text, "comment", lambda value: value or None)


class SqlObject(SqlHandler):
    """An object with a name: CREATE, ALTER ... SET and UNSET, RENAME, DROP, SHOW ... LIKE.

    Attributes:
        kind: as in `CREATE <kind>`.
        scope: inputs that hold the names of what it lies in, outermost first.
        properties: inputs that become properties, in the order in which the provider writes them.
        renames: a changed name is a RENAME rather than a replacement.
    """

    kind: ClassVar[str]
    scope: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[tuple[Property, ...]] = (COMMENT,)
    renames: ClassVar[bool] = True
    auto_named = "name"

    def fully_qualified(self, inputs: Properties) -> str:
        return sql.qualified(*(inputs[key] for key in self.scope), inputs["name"])

    def id_of(self, inputs: Properties) -> str:
        return self.fully_qualified(inputs)

    def predicted(self, inputs: Properties) -> Properties:
        known = all(isinstance(inputs.get(key), str) for key in (*self.scope, "name"))
        return {"fullyQualifiedName": self.fully_qualified(inputs)} if known else {}

    def recomputed(self, changed: set[str]) -> set[str]:
        return {"fullyQualifiedName"} if "name" in changed else set()

    def replaced_by(self, old: Properties, new: Properties, changed: set[str]) -> set[str]:
        return super().replaced_by(old, new, changed) | (
            changed & ({*self.scope} | (set() if self.renames else {"name"}))
        )

    def same(self, key: str, old: Any, new: Any) -> bool:
        """A container's name may come bare or fully qualified."""
        return key in self.scope and sql.parts(old)[-1] == sql.parts(new)[-1]

    def clauses(self, inputs: Properties) -> list[str]:
        """What follows the name in CREATE."""
        return [
            f"{each.keyword} = {each.render(inputs[each.input])}"
            for each in self.properties
            if each.on_create and inputs.get(each.input) is not None
        ]

    def create_sql(self, inputs: Properties) -> list[str]:
        return [" ".join([f"CREATE {self.created_kind(inputs)} {self.fully_qualified(inputs)}", *self.clauses(inputs)])]

    def created_kind(self, inputs: Properties) -> str:
        return self.kind

    def alter_sql(self, old: Properties, new: Properties) -> list[str]:
        statements = []
        if self.renames and old["name"] != new["name"]:
            statements.append(f"ALTER {self.kind} {self.fully_qualified(old)} RENAME TO {self.fully_qualified(new)}")
        changed = [each for each in self.properties if each.on_alter and old.get(each.input) != new.get(each.input)]
        sets = [
            f"{each.keyword} = {each.render(new[each.input])}" for each in changed if new.get(each.input) is not None
        ]
        unsets = [each.keyword for each in changed if new.get(each.input) is None]
        if sets:
            statements.append(f"ALTER {self.kind} {self.fully_qualified(new)} SET {' '.join(sets)}")
        if unsets:
            statements.append(f"ALTER {self.kind} {self.fully_qualified(new)} UNSET {', '.join(unsets)}")
        return statements

    def drop_sql(self, inputs: Properties) -> list[str]:
        return [f"DROP {self.kind} IF EXISTS {self.fully_qualified(inputs)}"]

    def show_sql(self, inputs: Properties) -> str:
        """The statement that lists the object."""
        place = ""
        if self.scope:
            place = f" IN {'SCHEMA' if len(self.scope) == 2 else 'DATABASE'} {self._container(inputs)}"
        return f"SHOW {self.kind}S LIKE {sql.text(inputs['name'])}{place}"

    def _container(self, inputs: Properties) -> str:
        return sql.qualified(*(inputs[key] for key in self.scope[:-1]), sql.parts(inputs[self.scope[-1]])[-1])

    def shown(self, connection: SnowflakeConnection, inputs: Properties) -> dict[str, Any] | None:
        """The object's row of SHOW, or None."""
        try:
            rows = connection.execute(self.show_sql(inputs))
        except Exception as error:
            if is_gone(error):
                return None
            raise
        return next((row for row in rows if row.get("name") == sql.parts(inputs["name"])[-1]), None)

    def described(self, connection: SnowflakeConnection, inputs: Properties) -> dict[str, Any]:
        """DESCRIBE as name -> value, for kinds that describe themselves by properties."""
        rows = connection.execute(f"DESCRIBE {self.kind} {self.fully_qualified(inputs)}")
        return {str(row["property"]): row["property_value"] for row in rows}

    def read(self, connection: SnowflakeConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        row = self.shown(connection, inputs)
        if row is None:
            return None
        live = {
            each.input: each.parse(row[each.column]) if row[each.column] is not None else None
            for each in self.properties
            if each.column in row and each.input in inputs
        }
        return Live(live | self.read_more(connection, inputs, row), self.predicted(inputs))

    def read_more(self, connection: SnowflakeConnection, inputs: Properties, row: Mapping[str, Any]) -> Properties:
        """Inputs that SHOW does not say."""
        return {}
