"""Opening hours and moments that property tests try."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from cadsus.throttling.opening_hours import DAY_MINUTES, ZONE, Hours, Window

minutes = st.integers(0, DAY_MINUTES - 1)
windows = st.builds(Window, minutes, st.integers(1, DAY_MINUTES)).filter(lambda window: window.start != window.end)
some_hours = st.lists(windows, min_size=1, max_size=4).map(lambda found: Hours(tuple(found)))
moments = st.builds(
    lambda seconds, zone: datetime.fromtimestamp(1_767_225_600 + seconds, zone),  # from 2026 on, for five years
    st.integers(0, 5 * 365 * 86_400),
    st.sampled_from([UTC, ZONE]),
)


def at(text):
    return datetime.strptime(text, "%d/%m/%Y %H:%M:%S" if text.count(":") == 2 else "%d/%m/%Y %H:%M").replace(
        tzinfo=ZONE
    )
