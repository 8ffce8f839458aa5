"""Users of services. https://docs.snowflake.com/en/sql-reference/sql/create-user"""

from __future__ import annotations

from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import COMMENT, Property, SqlObject, boolean_text
from local_cloud.engine.values import Properties


def _secondary_roles(option: Any) -> str:
    return "('ALL')" if option == "ALL" else "()"


class ServiceUser(SqlObject):
    type = "snowflake:index/serviceUser:ServiceUser"
    kind = "USER"
    properties = (
        Property("loginName", "LOGIN_NAME", sql.text, "login_name"),
        Property("displayName", "DISPLAY_NAME", sql.text, "display_name"),
        Property("email", "EMAIL", sql.text, "email"),
        Property("disabled", "DISABLED", sql.flag, "disabled", boolean_text),
        Property("defaultWarehouse", "DEFAULT_WAREHOUSE", sql.ident, "default_warehouse", lambda value: value or None),
        Property("defaultNamespace", "DEFAULT_NAMESPACE", sql.text, "default_namespace", lambda value: value or None),
        Property("defaultRole", "DEFAULT_ROLE", sql.ident, "default_role", lambda value: value or None),
        Property("defaultSecondaryRolesOption", "DEFAULT_SECONDARY_ROLES", _secondary_roles),
        Property("rsaPublicKey", "RSA_PUBLIC_KEY"),
        Property("rsaPublicKey2", "RSA_PUBLIC_KEY_2"),
        Property("networkPolicy", "NETWORK_POLICY", sql.ident),
        Property("queryTag", "QUERY_TAG"),
        Property("statementTimeoutInSeconds", "STATEMENT_TIMEOUT_IN_SECONDS", sql.word),
        Property("timezone", "TIMEZONE"),
        COMMENT,
    )  # fmt: skip
    tristate = frozenset({"disabled"})
    allowed = {"defaultSecondaryRolesOption": ("ALL", "NONE", "DEFAULT")}

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        checked = super().check(name, inputs, provider)
        unsupported = set(inputs) - {each.input for each in self.properties} - {"name"}
        if unsupported:
            raise EngineError(
                f"{self.type} {name}: the local engine does not support {', '.join(sorted(unsupported))}; leave it out"
            )
        return checked

    def clauses(self, inputs: Properties) -> list[str]:
        return ["TYPE = SERVICE", *super().clauses(inputs)]

    def same(self, key: str, old: Any, new: Any) -> bool:
        """Snowflake keeps login names in upper case."""
        return key == "loginName" and str(old).upper() == str(new).upper()


HANDLERS = [ServiceUser()]
