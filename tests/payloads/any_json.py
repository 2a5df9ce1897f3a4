"""Any JSON value, with names and words that parsers of video backends look for."""

from __future__ import annotations

from hypothesis import strategies as st

_WORDS = ("completed", "failed", "video", "12%", "https://x.example/a.mp4", "model_not_found")
_JOB = ("id", "task_id", "object", "status", "progress", "created_at", "seconds", "size", "prompt")
_ERROR = ("error", "code", "message", "type", "detail", "headers")
_AROUND = ("data", "url", "urls", "metadata", "usage", "cost")

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(_WORDS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(_JOB + _ERROR + _AROUND) | st.text(max_size=5), inner, max_size=8
        )
    ),
    max_leaves=25,
)
