from tests.handlers.conftest import channel, helpdesk, small_knowledge
from tests.office_fixtures import office, shipped_knowledge

__all__ = ["channel", "helpdesk", "office", "shipped_knowledge", "small_knowledge"]
