"""18 months of transactions as Arrow tables and Parquet files.

A file is made of blocks of about a million rows: the customers are cut into ranges, and each range and month has
random numbers of its own. A block is all that is in memory at once, whatever the size of the portfolio.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from generators.catalogue import CATEGORY_NAMES, CHANNELS, STATUSES
from generators.files import replacing
from generators.randomness import generator
from generators.settings import GeneratorSettings, Month
from generators.transactions import Rows, draw_month
from generators.world import World, make_world

BLOCK_ROWS = 800_000
# 24 blocks come to about 190 MB (10 bytes a row); larger months are split into several files.
BLOCKS_PER_FILE = 24
FOLDER = "transactions/historical"
SCHEMA = pa.schema(
    [
        ("transaction_id", pa.string()),
        ("customer_id", pa.string()),
        ("transaction_date", pa.timestamp("us")),
        ("transaction_amount", pa.decimal128(12, 2)),
        ("merchant_name", pa.string()),
        ("merchant_category", pa.string()),
        ("channel", pa.string()),
        ("status", pa.string()),
    ]
)
_CODED = ("customer_id", "merchant_name", "merchant_category", "channel", "status")
# Dictionary-encoded in memory (a tenth of the time to write), plain text for whoever reads the file.
_BLOCK_SCHEMA = pa.schema(
    [(field.name, pa.dictionary(pa.int32(), pa.string()) if field.name in _CODED else field.type) for field in SCHEMA]
)


@dataclass(frozen=True)
class Block:
    """Customers `first` to `after` in one month; `offset` rows of the history come before it."""

    month: Month
    number: int
    first: int
    after: int
    rows: int
    offset: int


@dataclass(frozen=True)
class HistoryFile:
    """One Parquet file of the history: `path` is relative to the lake."""

    path: str
    blocks: tuple[Block, ...]

    @property
    def rows(self) -> int:
        return sum(block.rows for block in self.blocks)


def plan_history(world: World) -> list[HistoryFile]:
    """All files, oldest first; months of more than `BLOCKS_PER_FILE` blocks give several."""
    files = []
    offset = 0
    for month in world.settings.months:
        blocks = _blocks(world, month, offset)
        offset += sum(block.rows for block in blocks)
        parts = [blocks[start : start + BLOCKS_PER_FILE] for start in range(0, len(blocks), BLOCKS_PER_FILE)]
        for number, part in enumerate(parts, start=1):
            suffix = f"_{number:03d}" if len(parts) > 1 else ""
            files.append(HistoryFile(f"{FOLDER}/{month.name}{suffix}.parquet", tuple(part)))
    return files


def _blocks(world: World, month: Month, offset: int) -> list[Block]:
    reached = np.concatenate([[0], np.cumsum(world.counts[:, month.index], dtype=np.int64)])
    number = max(1, -(-int(reached[-1]) // BLOCK_ROWS))
    edges = np.searchsorted(reached, np.linspace(0, reached[-1], number + 1)[1:-1])
    bounds = [0, *edges.tolist(), len(world.people)]
    return [
        Block(month, index, first, after, int(reached[after] - reached[first]), offset + int(reached[first]))
        for index, (first, after) in enumerate(pairwise(bounds))
    ]


def write_file(out: Path, file: HistoryFile, world: World) -> Path:
    """Write one file of the plan, block by block; returns its path."""
    path = out / file.path
    with replacing(path) as temporary, _parquet_writer(temporary) as writer:
        for block in file.blocks:
            writer.write_table(block_table(world, block), row_group_size=BLOCK_ROWS * 2)
    return path


def _parquet_writer(path: Path) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        path,
        _BLOCK_SCHEMA,
        compression="zstd",
        compression_level=1,
        use_dictionary=list(_CODED),
        write_statistics=["transaction_date", "transaction_id"],
        dictionary_pagesize_limit=16 * 2**20,
        store_schema=False,
        store_decimal_as_integer=True,
    )


def month_table(settings: GeneratorSettings, month: int) -> pa.Table:
    """All transactions of the n-th month (0 to 17) with the columns and types of the files."""
    world = make_world(settings)
    blocks = [block for file in plan_history(world) for block in file.blocks if block.month.index == month]
    return pa.concat_tables([block_table(world, block).cast(SCHEMA) for block in blocks])


def block_table(world: World, block: Block) -> pa.Table:
    """The rows of one block, by time; text columns are dictionary-encoded."""
    rng = generator(world.settings.seed, "history", block.month.index, block.number)
    rows = draw_month(world, block.month, np.arange(block.first, block.after), rng)
    start = datetime.combine(block.month.start, datetime.min.time(), UTC)
    first_id = block.offset + 1
    return pa.table(
        {
            "transaction_id": transaction_ids(first_id, len(rows)),
            "customer_id": _coded(rows.customer - np.int32(block.first), customer_ids(block.first, block.after)),
            "transaction_date": pa.array((int(start.timestamp()) + rows.second) * 1_000_000, pa.timestamp("us")),
            "transaction_amount": money(rows.cents),
            **coded_columns(world, rows),
        }
    )


def coded_columns(world: World, rows: Rows) -> dict[str, pa.Array]:
    """Merchant, category, channel and status as dictionary-encoded text."""
    return {
        "merchant_name": _coded(rows.merchant.astype(np.int32), pa.array(world.merchants.names)),
        "merchant_category": _coded(rows.category.astype(np.int32), pa.array(CATEGORY_NAMES)),
        "channel": _coded(rows.channel.astype(np.int32), pa.array(CHANNELS)),
        "status": _coded(rows.declined.astype(np.int32), pa.array(STATUSES)),
    }


def _coded(codes: NDArray[np.int32], words: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes), words, safe=False)


def customer_ids(first: int, after: int) -> pa.Array:
    """`CUST` and 8 digits; the first customer, position 0, is CUST00000001."""
    return numbered("CUST", 8, np.arange(first + 1, after + 1))


def transaction_ids(first: int, count: int) -> pa.Array:
    """`TXN` and 10 digits, counted through the whole history in order of time."""
    return numbered("TXN", 10, np.arange(first, first + count))


def numbered(prefix: str, digits: int, numbers: NDArray[np.int64]) -> pa.Array:
    """Fixed-width names without a Python object each: two digits a step from a table of 100 pairs."""
    pairs = np.frombuffer("".join(f"{pair:02d}" for pair in range(100)).encode(), dtype=np.uint16)
    width = len(prefix) + digits
    text = np.empty((len(numbers), width), dtype=np.uint8)
    text[:, : len(prefix)] = np.frombuffer(prefix.encode(), dtype=np.uint8)
    rest = numbers.copy()
    for end in range(width, len(prefix), -2):
        rest, low = np.divmod(rest, 100)
        text[:, end - 2 : end] = pairs[low].view(np.uint8).reshape(-1, 2)
    offsets = np.arange(0, (len(numbers) + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(text))


def money(cents: NDArray[np.int64]) -> pa.Array:
    """DECIMAL(12,2) from whole cents, without a detour through floating point."""
    words = np.empty((len(cents), 2), dtype=np.int64)
    words[:, 0] = cents
    words[:, 1] = cents >> 63
    return pa.Decimal128Array.from_buffers(pa.decimal128(12, 2), len(cents), [None, pa.py_buffer(words)])
