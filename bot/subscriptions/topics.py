"""What can be subscribed to, and what a member is told in any case."""

from enum import StrEnum


class Topic(StrEnum):
    RISK_ALERT = "risk_alert"
    POLICY_UPDATE = "policy_update"
    CONSULTATION = "consultation"
    SURVEY = "survey"
    EVENT = "event"
    NEWSLETTER = "newsletter"


MANDATORY_FOR_MEMBERS = frozenset({Topic.RISK_ALERT, Topic.POLICY_UPDATE})
"""Warnings of risk (1399/QĐ-TCHQ Điều 5 khoản 1 điểm d) and changes of policy (1761/QĐ-TCHQ Điều 7, the right to be
informed) reach every member: the authority has committed itself to tell them, whatever they like to read."""
