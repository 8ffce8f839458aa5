"""The Pulumi program: the AWS half and the wiring of both halves (`__main__.py`)."""
