from tests.office_fixtures import office, shipped_knowledge

__all__ = ["office", "shipped_knowledge"]
