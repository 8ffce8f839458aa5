"""Layout, types and repeatability of the files of a lake."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from generators import lake as lake_module
from generators.customers import COLUMNS, changes_table, customers_table
from generators.files import read_csv_gz
from generators.history import HistoryFile, month_table, plan_history, write_file
from generators.lake import Progress, Summary, default_workers, generate
from generators.settings import GeneratorSettings
from generators.world import World, make_world


def checksums(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_layout(lake: Summary) -> None:
    files = set(checksums(lake.out))
    months = [f"{year}-{month:02d}" for year, last in ((2025, 12), (2026, 6)) for month in range(1, last + 1)]
    assert {f"transactions/historical/{month}.parquet" for month in months} <= files
    assert "customers/customers.csv.gz" in files
    assert "customers/changes/2025-02-28.csv.gz" in files
    assert "campaigns/retention_offer_month16.csv.gz" in files
    assert lake.transactions == 1_350_000
    assert sum(pq.read_metadata(path).num_rows for path in lake.out.glob("transactions/historical/*")) == 1_350_000


def test_history_types_and_ids(lake: Summary) -> None:
    file = lake.out / "transactions/historical/2025-03.parquet"
    schema = pq.read_schema(file)
    assert schema.field("transaction_date").type == pa.timestamp("us")
    assert schema.field("transaction_amount").type == pa.decimal128(12, 2)
    assert schema.names[:4] == ["transaction_id", "customer_id", "transaction_date", "transaction_amount"]
    assert schema.names[4:] == ["merchant_name", "merchant_category", "channel", "status"]
    assert pq.ParquetFile(file).metadata.row_group(0).column(0).compression == "ZSTD"
    with duckdb.connect() as database:
        (rows, distinct, bad_ids, low, first, last) = database.execute(
            "select count(*), count(distinct transaction_id), "
            "count(*) filter (not regexp_full_match(transaction_id, 'TXN[0-9]{10}') "
            "or not regexp_full_match(customer_id, 'CUST[0-9]{8}')), "
            "min(transaction_amount)::double, min(transaction_date)::date, max(transaction_date)::date "
            f"from '{lake.out}/transactions/historical/*.parquet'"
        ).fetchall()[0]
    assert (rows, distinct, bad_ids) == (1_350_000, 1_350_000, 0)
    assert low >= 0.5
    assert (first, last) == (date(2025, 1, 1), date(2026, 6, 30))


def test_customers(lake: Summary) -> None:
    customers = read_csv_gz(lake.out / "customers/customers.csv.gz").to_pandas()
    assert tuple(customers.columns) == COLUMNS
    assert customers.customer_id.tolist() == [f"CUST{number:08d}" for number in range(1, 5_001)]
    assert customers.email.is_unique
    assert customers.age.astype(int).between(22, 75).all()
    assert customers.credit_limit.astype(int).between(5_000, 50_000).all()
    assert (customers.credit_limit.astype(int) % 1_000 == 0).all()
    assert customers.state.nunique() == 50
    assert not ((customers.employment_status == "Retired") & (customers.age.astype(int) < 55)).any()
    assert set(customers.decline_type) == {"", "gradual", "sudden"}


def test_changes_are_full_rows_that_really_change(lake: Summary) -> None:
    state = read_csv_gz(lake.out / "customers/customers.csv.gz").to_pandas().set_index("customer_id")
    for path in sorted((lake.out / "customers/changes").iterdir()):
        changes = read_csv_gz(path).to_pandas().set_index("customer_id")
        before = state.loc[changes.index]
        assert ((changes.card_type != before.card_type) | (changes.credit_limit != before.credit_limit)).all()
        assert (changes.email == before.email).all()
        assert changes.effective_date.str.startswith(path.name[:7]).all()
        # Later than the opening: on that very day the change would be how the card began, not a version of it.
        assert (changes.effective_date > changes.account_open_date).all()
        state.loc[changes.index, ["card_type", "credit_limit"]] = changes[["card_type", "credit_limit"]]


def test_campaign_halves_who_is_declining(lake: Summary) -> None:
    campaign = read_csv_gz(lake.out / "campaigns/retention_offer_month16.csv.gz").to_pandas()
    groups = campaign.treatment_group.value_counts()
    assert abs(groups["treatment"] - groups["control"]) <= 2
    assert set(campaign.start_date) == {"2026-05-01"}
    truth = pq.read_table(lake.out / "truth/customers.parquet").to_pandas().set_index("customer_id")
    assert (truth.loc[campaign.customer_id, "segment"] == "Declining").all()


def test_same_seed_same_bytes_for_any_number_of_workers(small: GeneratorSettings, tmp_path: Path) -> None:
    generate(tmp_path / "one", small, workers=1)
    generate(tmp_path / "two", small, workers=2)
    generate(tmp_path / "other", replace(small, seed=4), workers=1)
    one, two, other = (checksums(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    data = [path for path in one if not path.endswith("manifest.json")]
    assert all(one[path] != other.get(path) for path in data)


def test_as_of_moves_everything(small: GeneratorSettings) -> None:
    moved = replace(small, as_of=date(2025, 2, 28))
    dates = month_table(moved, 17)["transaction_date"].to_pylist()
    assert (min(dates).date(), max(dates).date()) == (date(2025, 2, 1), date(2025, 2, 28))
    assert max(customers_table(moved)["account_open_date"].to_pylist()) < date(2025, 2, 1)
    assert all(day.month == 2 for day in changes_table(moved, 17)["effective_date"].to_pylist())


def test_interrupted_run_leaves_whole_files_and_carries_on(
    small: GeneratorSettings, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def stop_at_fifth(folder: Path, file: HistoryFile, world: World) -> Path:
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(file.path)
        return write_file(folder, file, world)

    monkeypatch.setattr(lake_module, "write_file", stop_at_fifth)
    with pytest.raises(KeyboardInterrupt):
        generate(out, small, workers=1)
    monkeypatch.undo()
    assert len(list(out.glob("transactions/historical/*"))) == 4
    assert not list(out.rglob("*.partial"))
    (out / "transactions/historical/.2025-05.parquet.1.partial").write_bytes(b"half")
    (out / done[0]).write_bytes(b"cut short")
    summary = generate(out, small, workers=1)
    assert set(done[1:]) <= set(summary.skipped)
    assert done[0] in summary.written
    generate(tmp_path / "undisturbed", small, workers=1)
    assert checksums(out) == checksums(tmp_path / "undisturbed")


def test_other_settings_replace_the_files(small: GeneratorSettings, out: Path) -> None:
    generate(out, small, workers=1, parts=("customers", "campaign"))
    summary = generate(out, replace(small, customers=400, transactions=108_000), workers=1, parts=("customers",))
    assert summary.rows["customers/customers.csv.gz"] == 400
    assert not list((out / "campaigns").iterdir())


def test_progress_counts_rows_and_time(small: GeneratorSettings, out: Path) -> None:
    seen: list[Progress] = []
    generate(out, small, seen.append, workers=1)
    assert (seen[-1].rows_done, seen[-1].files_done) == (81_000, 18)
    assert seen[-1].rows_per_second > 0
    assert seen[-1].seconds_left == 0
    assert [progress.rows_done for progress in seen] == sorted(progress.rows_done for progress in seen)


def test_large_months_are_split_and_blocks_fit_together(
    small: GeneratorSettings, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generators.history.BLOCK_ROWS", 1_000)
    monkeypatch.setattr("generators.history.BLOCKS_PER_FILE", 2)
    world = make_world(small)
    files = plan_history(world)
    assert {"transactions/historical/2025-01_001.parquet", "transactions/historical/2025-01_002.parquet"} <= {
        file.path for file in files
    }
    assert sum(file.rows for file in files) == 81_000
    for file in files[:3]:
        write_file(out, file, world)
    ids = pq.read_table(out / "transactions/historical", columns=["transaction_id"])["transaction_id"].to_pylist()
    assert ids == [f"TXN{number:010d}" for number in range(1, len(ids) + 1)]


@pytest.mark.parametrize(
    ("customers", "cores", "workers"),
    [(300, 1, 1), (50_000, 2, 2), (50_000, 16, 4), (222_222, 16, 2), (2_000_000, 4, 1)],
)
def test_large_portfolios_have_as_many_workers_as_fit_into_memory(customers: int, cores: int, workers: int) -> None:
    assert default_workers(customers, cores) == workers
