from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from local_cloud.snowflake.loading.notifications import created_objects


def event(key: str, name: str = "ObjectCreated:Put") -> dict[str, object]:
    created = {"key": key, "size": 3, "eTag": "abc"}
    return {
        "eventSource": "aws:s3",
        "eventName": name,
        "eventTime": "2025-03-14T09:26:53.000Z",
        "s3": {"bucket": {"name": "lake"}, "object": created},
    }


def test_an_event_in_an_envelope_is_opened_and_its_key_decoded() -> None:
    body = json.dumps({"Type": "Notification", "Message": json.dumps({"Records": [event("a/x+y%2B1.csv")]})})
    (found,) = created_objects(body)
    assert (found.bucket, found.key, found.etag, found.size) == ("lake", "a/x y+1.csv", "abc", 3)
    assert found.modified.isoformat() == "2025-03-14T09:26:53+00:00"


def test_only_new_objects_count() -> None:
    bare = json.dumps(
        {"Records": [event("a", "ObjectRemoved:Delete"), event("b", "ObjectCreated:CompleteMultipartUpload")]}
    )
    assert [item.key for item in created_objects(bare)] == ["b"]
    assert list(created_objects(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}))) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Records", "Type", "Message", "s3", "eventSource", "x"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.text() | json_values.map(json.dumps))
def test_any_other_text_is_ignored(body: str) -> None:
    assert list(created_objects(body)) == []
