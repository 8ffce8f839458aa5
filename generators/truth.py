"""What the generator planted: for tests and for scoring segments, churn models and uplift. Never uploaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from generators.catalogue import DECLINE_TYPES, SEGMENTS
from generators.files import TRUTH_FOLDER, replacing
from generators.history import customer_ids
from generators.lifecycle import CAUSES
from generators.settings import GeneratorSettings
from generators.turns import NEVER
from generators.world import World, make_world

CUSTOMERS = f"{TRUTH_FOLDER}/customers.parquet"
FATES = ("stays", "recovers", "stops")


def truth_table(settings: GeneratorSettings) -> pa.Table:
    """One row per customer: segment, decline type and fate, churn date and cause, campaign group and effect."""
    return truth_rows(make_world(settings))


def truth_rows(world: World) -> pa.Table:
    people, life = world.people, world.life
    leaves = life.stop_day < NEVER
    start = np.datetime64(world.settings.history_start, "D")
    churn_date = start + np.where(leaves, life.stop_day, 0).astype("timedelta64[D]")
    group = np.where(life.treated, "treatment", np.where(life.in_campaign, "control", ""))
    return pa.table(
        {
            "customer_id": customer_ids(0, len(people)),
            "segment": pa.array(np.array(SEGMENTS)[people.segment]),
            "decline_type": pa.array(np.array(DECLINE_TYPES)[life.decline_type]),
            "decline_fate": pa.array(np.where(life.decline_type > 0, np.array(FATES)[life.fate], "")),
            "churn_date": pa.array(churn_date, mask=~leaves),
            "churn_cause": pa.array(np.array(CAUSES)[life.cause]),
            "campaign_group": pa.array(group),
            "treatment_effect": pa.array(life.treatment_effect),
            "monthly_spend": pa.array(people.spend),
        }
    )


def write_truth(out: Path, world: World) -> None:
    with replacing(out / CUSTOMERS) as temporary:
        pq.write_table(truth_rows(world), temporary, compression="zstd")
