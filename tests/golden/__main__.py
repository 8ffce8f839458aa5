"""`python -m tests.golden`: write every golden plan anew."""

import warnings

from tests.golden import STACKS, golden_file, plan_text

# Importing the SDK's S3 module warns about its own old resource names.
warnings.filterwarnings("ignore", category=DeprecationWarning)
for stack in STACKS:
    golden_file(stack).write_text(plan_text(stack), encoding="utf-8")
