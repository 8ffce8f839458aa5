"""The list of pages, and the last line of defence between an error and the reader."""

from __future__ import annotations

import logging

import streamlit as st

from .app_pages import customer_360, overview, segment_explorer
from .layout import keep_widgets
from .warehouse import WarehouseError

_log = logging.getLogger(__name__)


def main() -> None:
    """Draw the navigation and the page that the reader chose."""
    st.set_page_config(page_title="Customer 360", page_icon=":material/credit_card:", layout="wide")
    keep_widgets()
    page = st.navigation(
        {
            "Portfolio": [
                st.Page(
                    overview.page, title="Overview", icon=":material/dashboard:", url_path="overview", default=True
                ),
                st.Page(
                    segment_explorer.page,
                    title="Segment Explorer",
                    icon=":material/filter_alt:",
                    url_path="segment_explorer",
                ),
                st.Page(
                    customer_360.page, title="Customer 360", icon=":material/person_search:", url_path="customer_360"
                ),
            ],
        }
    )
    try:
        page.run()
    except WarehouseError as error:
        st.error(str(error), icon=":material/cloud_off:")
    except Exception:
        # Streamlit's own stop and rerun signals are BaseExceptions and pass.
        _log.exception("page %s failed", page.title)
        st.error(
            f"The page {page.title} could not be drawn; the details are in the app's log.", icon=":material/error:"
        )
