from tests.consultation.conftest import asking, hung, lan
from tests.handlers.conftest import channel, helpdesk, small_knowledge

__all__ = ["asking", "channel", "helpdesk", "hung", "lan", "small_knowledge"]
