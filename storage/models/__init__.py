"""The tables. Rows stay in this package: what leaves it are plain values.

Columns that a sweep looks for (`pending_at`, `next_attempt_at`, `lease_until`, `resume_at`, …) are empty once nothing is
due, and their indexes hold only rows where they are not: a sweep costs what is due, never what is open.
"""

from storage.models.api_requests import ApiRequest
from storage.models.base import Base
from storage.models.channels import OauthEvent, OauthToken, PlatformUpload, WaitingEvent
from storage.models.consultations import (
    AskingDue,
    Consultation,
    ConsultationAnswer,
    ConsultationEvent,
    ConsultationGroup,
    ConsultationInvited,
    ConsultationOpinion,
    ConsultationPosition,
    ConsultationQuestion,
    ConsultationUnit,
    PersonalLink,
)
from storage.models.deliveries import AccountBudget, ChatMessage, Delivery, DeliveryAttempt
from storage.models.directory import DirectoryChange
from storage.models.events import Counter, Event
from storage.models.inquiries import File, History, Inquiry, InquiryMessage, OfficerNotice, Rung
from storage.models.intake import Intake
from storage.models.law import LawPassage, LawVersion
from storage.models.learning import Correction, EntryDraft
from storage.models.officers import ApiToken, Officer, OfficerSession
from storage.models.outreach import Campaign, CampaignStep, Registration, SavedAudience, Wave
from storage.models.people import ChannelAccount, Contact, Enterprise, EnterpriseChapter, Invitation
from storage.models.routing import RoutingDecision
from storage.models.subscriptions import Subscription, SubscriptionTime
from storage.models.surveys import Survey, SurveyAnswer, SurveyParticipant, SurveyTally, SurveyText
from storage.models.topics import (
    DepartmentGroup,
    DeskGroup,
    InquiryChange,
    InquiryOrigin,
    OfficerAccount,
    OfficerLinkCode,
    Topic,
    TopicPost,
)

__all__ = [
    "AccountBudget",
    "ApiRequest",
    "ApiToken",
    "AskingDue",
    "Base",
    "Campaign",
    "CampaignStep",
    "ChannelAccount",
    "ChatMessage",
    "Consultation",
    "ConsultationAnswer",
    "ConsultationEvent",
    "ConsultationGroup",
    "ConsultationInvited",
    "ConsultationOpinion",
    "ConsultationPosition",
    "ConsultationQuestion",
    "ConsultationUnit",
    "Contact",
    "Correction",
    "Counter",
    "Delivery",
    "DeliveryAttempt",
    "DepartmentGroup",
    "DeskGroup",
    "DirectoryChange",
    "Enterprise",
    "EnterpriseChapter",
    "EntryDraft",
    "Event",
    "File",
    "History",
    "Inquiry",
    "InquiryChange",
    "InquiryMessage",
    "InquiryOrigin",
    "Intake",
    "Invitation",
    "LawPassage",
    "LawVersion",
    "OauthEvent",
    "OauthToken",
    "Officer",
    "OfficerAccount",
    "OfficerLinkCode",
    "OfficerNotice",
    "OfficerSession",
    "PersonalLink",
    "PlatformUpload",
    "Registration",
    "RoutingDecision",
    "Rung",
    "SavedAudience",
    "Subscription",
    "SubscriptionTime",
    "Survey",
    "SurveyAnswer",
    "SurveyParticipant",
    "SurveyTally",
    "SurveyText",
    "Topic",
    "TopicPost",
    "WaitingEvent",
    "Wave",
]
