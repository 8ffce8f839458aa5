"""Runs an ordinary Pulumi program (Python) without the Pulumi command line, against whatever its providers name.

The program meets the same things as under Pulumi: its working directory and `sys.path` (`program.py`), its settings
(`project.py`), and the two services that the SDK talks to (`monitor.py`). Each registration becomes a `Goal`;
`decision.py` compares it with the `State`: same, create, update or replace. `Operations` does that through the type's
`Handler`, asks error hooks when it fails, and records every result on disk before anything else happens. What the
program no longer asks for is deleted at the end, dependents first; `Deployment` conducts all of it.

Resource types live in `resources/`: AWS types talk to AWS through boto3, Snowflake types are lists of statements that
are pure functions of the inputs, which is what `Plan.sql` shows. `schema.py` checks inputs against the installed SDKs,
so that what the real provider would refuse is refused here too.

What differs from Pulumi: outputs that follow from inputs alone (a fully qualified name, a bucket's ARN) are known in a
preview; `show_outputs` are left empty; transforms, imports, stack references, remote components and hooks other than
error hooks are refused.
"""

from local_cloud.engine.engine import Engine
from local_cloud.engine.model import EngineError, Event, Outcome, Plan, PropertyDiff, Step

__all__ = ["Engine", "EngineError", "Event", "Outcome", "Plan", "PropertyDiff", "Step"]
