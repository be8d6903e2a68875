"""The figures that /metrics shows. No label carries a person, a text or a number of an inquiry."""

from prometheus_client import Counter, Gauge, Histogram

TURNS = Counter("donghanh_turns_total", "Turns taken, by channel and what they came to", ["channel", "outcome"])
TURN_SECONDS = Histogram(
    "donghanh_turn_seconds",
    "From the arrival of an update to its commit",
    ["channel"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
DECISIONS = Counter("donghanh_decisions_total", "What the knowledge base decided about questions", ["decision"])
DELIVERIES = Counter("donghanh_deliveries_total", "Attempts at delivery, by what became of them", ["channel", "kind", "state"])
DELIVERY_SECONDS = Histogram(
    "donghanh_delivery_seconds",
    "From the ledger to the platform",
    ["channel"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 3600),
)
RUNGS = Counter("donghanh_rungs_total", "Rungs of the clocks' ladders that fired", ["clock", "percent", "late"])
SWEEP_SECONDS = Histogram("donghanh_sweep_seconds", "How long a sweep took")
OVERDUE = Gauge("donghanh_unrouted_overdue", "Inquiries past their routing deadline without a department, at the last sweep")
KNOWLEDGE = Gauge(
    "donghanh_knowledge_entries",
    "Entries that this process answers from; processes that share a database have one digest",
    ["digest"],
)
UNREAD = Counter("donghanh_unread_events_total", "Events of platforms that could not be read and were kept", ["channel"])
