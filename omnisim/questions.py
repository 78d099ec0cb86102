"""The questions that a comparison of service strategies puts before it looks: few, so that their intervals stay narrow."""

QUESTIONS = (
    "service_level",
    "abandon_rate",
    "first_contact_resolution",
    "resolution_rate",
    "repeat_told_rate",
    "journey_success",
    "conversion",
    "agent_minutes_per_issue",
    "cost_to_serve",
    "cost_per_resolved",
    # where there is a shop
    "orders",
    "cm2",
    "ebit",
    # where customers are followed
    "retention",
    "customer_lifetime_value",
)
