"""Network policies. https://docs.snowflake.com/en/sql-reference/sql/create-network-policy"""

from __future__ import annotations

from typing import Any

from local_cloud.engine.resources.snowflake import sql
from local_cloud.engine.resources.snowflake.base import COMMENT, Property, SqlObject
from local_cloud.engine.values import Properties


class NetworkPolicy(SqlObject):
    type = "snowflake:index/networkPolicy:NetworkPolicy"
    kind = "NETWORK POLICY"
    properties = (
        Property("allowedIpLists", "ALLOWED_IP_LIST", sql.texts),
        Property("blockedIpLists", "BLOCKED_IP_LIST", sql.texts),
        COMMENT,
    )

    def same(self, key: str, old: Any, new: Any) -> bool:
        """Ranges are a set."""
        return key.endswith("Lists") and sorted(old) == sorted(new)

    def show_sql(self, inputs: Properties) -> str:
        return f"SHOW NETWORK POLICIES LIKE {sql.text(inputs['name'])}"


HANDLERS = [NetworkPolicy()]
