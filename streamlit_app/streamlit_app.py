"""Entry point: Streamlit runs this file, here and in Snowflake, on every interaction."""

# Streamlit puts the folder of this file on the path (in Snowflake it is the root of a stage), so `dashboard` is a
# top-level package at run time and `streamlit_app.dashboard` to the type checker and the tests. Everything inside
# it imports relatively, which is right under both names; this line is the only one that has to choose.
from dashboard.navigation import main  # type: ignore[import-not-found]  # found by Streamlit, see above

main()
