"""The app's pages as its server draws them: script and questions to the warehouse, nothing remembered, no browser."""

from __future__ import annotations

import logging
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import streamlit as st
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest

from c360.connections import snowflake_parameters
from c360.outputs import StackOutputs
from tests.bench.rows import Row
from tests.integration.platform import ROOT, Platform

PAGES = ("overview", "segment_explorer", "customer_360")
PAGE_LIMIT, CUSTOMER_LIMIT = 0.5, 0.3
_APP = ROOT / "streamlit_app" / "streamlit_app.py"
_DRAWS = 20


def measure(platform: Platform) -> Iterator[Row]:
    """Each page drawn again with nothing remembered, and one customer after another; 95th percentiles."""
    with _connected(platform):
        for page in PAGES:
            app = _opened(page)
            seconds = [_seconds(lambda: _drawn_afresh(app)) for _ in range(_DRAWS)]  # noqa: B023  # called at once
            yield _row(f"app page {page}", seconds, PAGE_LIMIT)
        app = _opened("customer_360")
        # By the command line: Streamlit has changed the style of placeholders in this process.
        some = f"SELECT CUSTOMER_ID AS ID FROM GOLD.CUSTOMER_360_PROFILE ORDER BY MD5(CUSTOMER_ID) LIMIT {_DRAWS}"
        customers = [str(row["ID"]) for row in platform.sql(some)]
        seconds = [_seconds(lambda: _looked_up(app, customer)) for customer in customers]  # noqa: B023  # called at once
        yield _row("app, one customer", seconds, CUSTOMER_LIMIT)


@contextmanager
def _connected(platform: Platform) -> Iterator[None]:
    """The connection that the app reads; `AppTest.secrets` does not reach `st.connection`."""
    outputs = StackOutputs.parse("local", platform.outputs)
    parameters = snowflake_parameters(outputs, outputs.roles.app_owner, outputs.warehouses.analytics)
    secrets = {"connections": {"snowflake": parameters | {"schema": outputs.schemas["gold"]}}}
    st.cache_resource.clear()
    # Its loggers say on each draw that no browser is there; they set their own levels.
    logging.disable(logging.ERROR)
    path = [str(_APP.parent), *sys.path]
    with patch.object(sys, "path", path), patch.object(secrets_singleton, "_secrets", secrets):
        yield
    logging.disable(logging.NOTSET)
    st.cache_resource.clear()


def _opened(page: str) -> AppTest:
    """A page after its first draw, which imports and logs in."""
    app = AppTest.from_file(str(_APP), default_timeout=60)
    app.switch_page(f"dashboard/app_pages/{page}.py")
    return _sound(app.run())


def _drawn_afresh(app: AppTest) -> AppTest:
    st.cache_data.clear()
    return _sound(app.run())


def _looked_up(app: AppTest, customer: str) -> AppTest:
    drawn = _sound(app.text_input("kept_customer_search").set_value(customer).run())
    assert any(element.value.startswith("## ") for element in drawn.markdown), f"{customer} was not shown"
    return drawn


def _sound(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    assert not app.error, app.error
    return app


def _seconds(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def _row(what: str, seconds: list[float], limit: float) -> Row:
    return Row(f"{what}, 95th percentile", statistics.quantiles(seconds, n=20)[-1], 1.0, limit, "one second")
