"""A warehouse with a small gold layer, and the app running against it without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest

from tests.integration.conftest import LocalCloud
from tests.unit.streamlit_app import gold

APP = Path(__file__).parents[3] / "streamlit_app" / "streamlit_app.py"


def cloud_parameters(cloud: LocalCloud) -> dict[str, Any]:
    """What the connection named `snowflake` needs to reach the gold layer in `cloud`."""
    return {
        "account": "LOCAL-C360",
        "host": cloud.host,
        "port": cloud.port,
        "protocol": "http",
        "user": "C360",
        "password": "local",
        "database": gold.DATABASE,
        "schema": "GOLD",
    }


@pytest.fixture(scope="session")
def rows() -> gold.Gold:
    """The rows that the warehouse holds."""
    return gold.build()


@pytest.fixture(scope="session")
def warehouse(rows: gold.Gold, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Connection parameters of a warehouse that holds `rows`."""
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud"))
    cloud.start()
    with cloud.connect() as connection:
        gold.load(connection, rows)
    yield cloud_parameters(cloud)
    cloud.stop()


@pytest.fixture
def fresh_streamlit(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No answer and no connection remembered from another test; the app's folder on the path, as Streamlit puts it."""
    monkeypatch.syspath_prepend(str(APP.parent))
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def connect(fresh_streamlit: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    """Say what the connection named `snowflake` is.

    `AppTest.secrets` does not reach `st.connection`, which reads this singleton; there is no public way to fill it.
    """

    def connect_(parameters: dict[str, Any]) -> None:
        monkeypatch.setattr(secrets_singleton, "_secrets", {"connections": {"snowflake": parameters}})

    return connect_


@pytest.fixture
def open_page(warehouse: dict[str, Any], connect: Callable[[dict[str, Any]], None]) -> Callable[..., AppTest]:
    """Open a page of the app by the name of its module and draw it once."""

    def open_(page: str, **changes: Any) -> AppTest:
        connect({**warehouse, **changes})
        app = AppTest.from_file(str(APP), default_timeout=20)
        app.switch_page(f"dashboard/app_pages/{page}.py")
        return app.run()

    return open_
