"""What every page shares: its head, sections that fail alone, and exports."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from .warehouse import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

# Widgets whose key begins so keep their value while the reader looks at another page (see `keep_widgets`).
KEPT = "kept_"


def keep_widgets() -> None:
    """Streamlit forgets a widget's value when a page without it is drawn; assigning the value again keeps it."""
    for key in list(st.session_state):
        if str(key).startswith(KEPT):
            st.session_state[key] = st.session_state[key]


def heading(title: str, purpose: str) -> None:
    """The page's title and one sentence on what it answers."""
    st.title(title, anchor=False)
    st.caption(purpose)


@contextmanager
def section(title: str | None = None, explanation: str | None = None, *, border: bool = False) -> Iterator[None]:
    """A part of a page; when the warehouse cannot answer, its sentence stands here and the rest of the page stays."""
    with st.container(border=border):
        if title:
            st.markdown(f"### {title}", help=explanation)
        try:
            yield
        except WarehouseError as error:
            st.warning(str(error), icon=":material/cloud_off:")


def nothing_found(sentence: str) -> None:
    """An empty state: says what is empty and what to do."""
    st.info(sentence, icon=":material/search_off:")


def csv_button(label: str, file_name: str, export: Callable[[], pd.DataFrame], *, key: str, help_text: str) -> None:
    """A button that asks the warehouse only when it is pressed.

    Args:
        export: the rows to write. Streamlit shows the sentence of a WarehouseError beside the button.
    """

    def content() -> bytes:
        # With a byte order mark: without one Excel reads the file as Latin-1 and garbles names.
        return export().to_csv(index=False).encode("utf-8-sig")

    st.download_button(
        label,
        data=content,
        file_name=file_name,
        mime="text/csv",
        key=key,
        help=help_text,
        icon=":material/download:",
        on_click="ignore",
    )
