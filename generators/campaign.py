"""The retention campaign: who was assigned to which group, what it cost, and when."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from generators.history import customer_ids
from generators.lifecycle import CAMPAIGN_FROM
from generators.settings import GeneratorSettings
from generators.world import World, make_world

CAMPAIGN_ID = "retention_offer_month16"
PATH = f"campaigns/{CAMPAIGN_ID}.csv.gz"
OFFER = "$50 cashback on the next $500"
COST = "50.00"


def campaign_table(settings: GeneratorSettings) -> pa.Table:
    """One row per customer who was declining at month 16: treatment or control, over months 17 and 18."""
    return campaign_rows(make_world(settings))


def campaign_rows(world: World) -> pa.Table:
    who = np.flatnonzero(world.life.in_campaign)
    treated = world.life.treated[who]
    start = world.settings.months[CAMPAIGN_FROM].start
    return pa.table(
        {
            "campaign_id": pa.array([CAMPAIGN_ID] * len(who), pa.string()),
            "customer_id": customer_ids(0, len(world.people)).take(pa.array(who)),
            "treatment_group": pa.array(np.where(treated, "treatment", "control"), pa.string()),
            "offer": pa.array(np.where(treated, OFFER, ""), pa.string()),
            "offer_cost": pa.array(np.where(treated, COST, "0.00"), pa.string()),
            "start_date": pa.array([start] * len(who), pa.date32()),
            "end_date": pa.array([world.settings.as_of] * len(who), pa.date32()),
        }
    )
