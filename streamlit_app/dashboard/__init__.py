"""The Customer 360 app.

- `app_pages/`: one module per page; no SQL there.
- `queries.py`: every statement the app sends, bind parameters only, answers as data frames.
- `warehouse.py`: the connection, the cache, and errors as sentences.
- `charts.py`, `formatting.py`, `layout.py`: how figures look.
"""
