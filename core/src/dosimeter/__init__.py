"""The public face of dosimeter: records, specs, protocols and `hookimpl`.

Names are loaded on first use, so that ``import dosimeter`` costs next to nothing.
"""

TYPE_CHECKING = False  # as type checkers read it; `typing` would cost as much as all the rest

# fmt: off
if TYPE_CHECKING:
    from dosimeter.cards import read_card
    from dosimeter.contracts import (
        AttackGenerator,
        Evidence,
        Excerpt,
        Executor,
        HarmCategory,
        HarmScorer,
        Host,
        JudgeScorer,
        ModelProvider,
        Moves,
        Output,
        Policy,
        Progress,
        ReportSink,
        SearchAttack,
    )
    from dosimeter.errors import (
        AttackDiverged,
        AuthFailed,
        BudgetSpent,
        CardRefused,
        CompareRefused,
        DosimeterError,
        DuplicateComponent,
        JournalError,
        JournalTooNew,
        LeaseLost,
        MergeRefused,
        Permanent,
        PlanError,
        PluginBroken,
        ProviderError,
        Purged,
        RecordError,
        RegistryError,
        RunChanged,
        RunLocked,
        Sealed,
        StackError,
        Stopping,
        Transient,
        UnknownComponent,
        Unlike,
        VoteRefused,
        WireError,
        Withheld,
    )
    from dosimeter.hookspecs import hookimpl
    from dosimeter.ids import derive_seed, digest
    from dosimeter.limits import http_address
    from dosimeter.methods import METHODS, Method, method_of
    from dosimeter.model.answering import (
        Abstention,
        BothWays,
        Caveat,
        Corrected,
        Decide,
        Estimate,
        Finding,
        Gate,
        GateResult,
        GateState,
        Look,
        Missing,
        OfGates,
        OtherScope,
        Simultaneous,
        Standing,
    )
    from dosimeter.model.comparing import (
        Compared,
        Comparison,
        Declared,
        Joint,
        Lost,
        Overlap,
        Said,
        Side,
        Ties,
        Tradeoff,
    )
    from dosimeter.model.conversation import (
        Conversation,
        Declined,
        Media,
        Message,
        Pairs,
        Part,
        Reasoning,
        Reply,
        Request,
        Sampling,
        Speaker,
        Stop,
        Text,
        TokenScores,
        Tool,
        ToolCall,
        ToolResult,
        Unknown,
        Usage,
        Verdict,
        Want,
        assistant,
        pairs,
        system,
        user,
    )
    from dosimeter.model.design import (
        Attempt,
        Factor,
        FactorRole,
        Intent,
        Item,
        Label,
        Line,
        Link,
        Presupposes,
        Provenance,
        Reference,
        Translation,
        Variant,
    )
    from dosimeter.model.doing import Ask, Bound, Candidate, Note, Role, Stage
    from dosimeter.model.facts import (
        Agreement,
        CardCounts,
        CardLine,
        CategoryFacts,
        Component,
        EndpointUse,
        JudgeFacts,
        RaterFacts,
        Reliability,
        Rubric,
        RubricLevel,
        TargetFacts,
    )
    from dosimeter.model.measures import Contrast, Measure, Selection
    from dosimeter.model.panel import PanelAnswer, PanelCheck, Threat
    from dosimeter.model.rating import (
        Aspect,
        Case,
        Direction,
        Level,
        Mark,
        Opinion,
        Outcome,
        Rating,
        Scale,
        ScaleKind,
        Sees,
        Span,
        Subject,
        SubjectKind,
        Value,
    )
    from dosimeter.model.report import Cell, Report
    from dosimeter.model.specs import (
        AttackSpec,
        Capability,
        CategorySpec,
        CommandSpec,
        ExecutorSpec,
        NoOptions,
        PanelInfo,
        ProviderSpec,
        ScorerSpec,
        SinkSpec,
        Spec,
        option,
    )
    from dosimeter.model.work import (
        Answered,
        CallDone,
        Compose,
        Cost,
        Credentials,
        Endpoint,
        Holder,
        Lease,
        Permit,
        Price,
        Seal,
        State,
        Try,
        WorkDone,
    )
    from dosimeter.numbers import (
        Unit,
        as_digits,
        as_interval,
        as_number,
        as_threshold,
        unit_of,
        unit_of_gate,
    )
    from dosimeter.publish import (
        main_estimate,
        may_publish,
        of_a_cell,
        other_side,
        quotations,
        what_is_lost,
    )
    from dosimeter.summary import summary_of
    from dosimeter.vault import make_seal

_NAMES = {
    "cards": "read_card",
    "contracts": (
        "AttackGenerator Evidence Excerpt Executor HarmCategory HarmScorer Host "
        "JudgeScorer ModelProvider Moves Output Policy Progress ReportSink SearchAttack"
    ),
    "errors": (
        "AttackDiverged AuthFailed BudgetSpent CardRefused CompareRefused DosimeterError "
        "DuplicateComponent JournalError "
        "JournalTooNew LeaseLost MergeRefused Permanent PlanError PluginBroken ProviderError "
        "Purged RecordError RegistryError RunChanged RunLocked Sealed StackError Stopping Transient "
        "UnknownComponent Unlike VoteRefused WireError Withheld"
    ),
    "hookspecs": "hookimpl",
    "ids": "derive_seed digest",
    "limits": "http_address",
    "methods": "METHODS Method method_of",
    "model.answering": (
        "Abstention BothWays Caveat Corrected Decide Estimate Finding Gate GateResult GateState Look Missing "
        "OfGates OtherScope "
        "Simultaneous Standing"
    ),
    "model.comparing": "Compared Comparison Declared Joint Lost Overlap Said Side Ties Tradeoff",
    "model.conversation": (
        "Conversation Declined Media Message Pairs Part Reasoning Reply Request Sampling "
        "Speaker Stop Text TokenScores Tool ToolCall ToolResult Unknown Usage Verdict Want "
        "assistant pairs system user"
    ),
    "model.design": (
        "Attempt Factor FactorRole Intent Item Label Line Link Presupposes Provenance "
        "Reference Translation Variant"
    ),
    "model.doing": "Ask Bound Candidate Note Role Stage",
    "model.facts": (
        "Agreement CardCounts CardLine CategoryFacts Component EndpointUse JudgeFacts RaterFacts "
        "Reliability Rubric RubricLevel TargetFacts"
    ),
    "model.measures": "Contrast Measure Selection",
    "model.panel": "PanelAnswer PanelCheck Threat",
    "model.rating": (
        "Aspect Case Direction Level Mark Opinion Outcome Rating Scale ScaleKind Sees Span "
        "Subject SubjectKind Value"
    ),
    "model.report": "Cell Report",
    "model.specs": (
        "AttackSpec Capability CategorySpec CommandSpec ExecutorSpec NoOptions PanelInfo "
        "ProviderSpec ScorerSpec SinkSpec Spec option"
    ),
    "model.work": (
        "Answered CallDone Compose Cost Credentials Endpoint Holder Lease Permit Price Seal State Try "
        "WorkDone"
    ),
    "numbers": "Unit as_digits as_interval as_number as_threshold unit_of unit_of_gate",
    "summary": "summary_of",
    "publish": "main_estimate may_publish of_a_cell other_side quotations what_is_lost",
    "vault": "make_seal",
}
_HOME = {name: home for home, names in _NAMES.items() for name in names.split()}

__all__ = [
    "METHODS",
    "Abstention",
    "Agreement",
    "Answered",
    "Ask",
    "Aspect",
    "AttackDiverged",
    "AttackGenerator",
    "AttackSpec",
    "Attempt",
    "AuthFailed",
    "BothWays",
    "Bound",
    "BudgetSpent",
    "CallDone",
    "Candidate",
    "Capability",
    "CardCounts",
    "CardLine",
    "CardRefused",
    "Case",
    "CategoryFacts",
    "CategorySpec",
    "Caveat",
    "Cell",
    "CommandSpec",
    "CompareRefused",
    "Compared",
    "Comparison",
    "Component",
    "Compose",
    "Contrast",
    "Conversation",
    "Corrected",
    "Cost",
    "Credentials",
    "Decide",
    "Declared",
    "Declined",
    "Direction",
    "DosimeterError",
    "DuplicateComponent",
    "Endpoint",
    "EndpointUse",
    "Estimate",
    "Evidence",
    "Excerpt",
    "Executor",
    "ExecutorSpec",
    "Factor",
    "FactorRole",
    "Finding",
    "Gate",
    "GateResult",
    "GateState",
    "HarmCategory",
    "HarmScorer",
    "Holder",
    "Host",
    "Intent",
    "Item",
    "Joint",
    "JournalError",
    "JournalTooNew",
    "JudgeFacts",
    "JudgeScorer",
    "Label",
    "Lease",
    "LeaseLost",
    "Level",
    "Line",
    "Link",
    "Look",
    "Lost",
    "Mark",
    "Measure",
    "Media",
    "MergeRefused",
    "Message",
    "Method",
    "Missing",
    "ModelProvider",
    "Moves",
    "NoOptions",
    "Note",
    "OfGates",
    "Opinion",
    "OtherScope",
    "Outcome",
    "Output",
    "Overlap",
    "Pairs",
    "PanelAnswer",
    "PanelCheck",
    "PanelInfo",
    "Part",
    "Permanent",
    "Permit",
    "PlanError",
    "PluginBroken",
    "Policy",
    "Presupposes",
    "Price",
    "Progress",
    "Provenance",
    "ProviderError",
    "ProviderSpec",
    "Purged",
    "RaterFacts",
    "Rating",
    "Reasoning",
    "RecordError",
    "Reference",
    "RegistryError",
    "Reliability",
    "Reply",
    "Report",
    "ReportSink",
    "Request",
    "Role",
    "Rubric",
    "RubricLevel",
    "RunChanged",
    "RunLocked",
    "Said",
    "Sampling",
    "Scale",
    "ScaleKind",
    "ScorerSpec",
    "Seal",
    "Sealed",
    "SearchAttack",
    "Sees",
    "Selection",
    "Side",
    "Simultaneous",
    "SinkSpec",
    "Span",
    "Speaker",
    "Spec",
    "StackError",
    "Stage",
    "Standing",
    "State",
    "Stop",
    "Stopping",
    "Subject",
    "SubjectKind",
    "TargetFacts",
    "Text",
    "Threat",
    "Ties",
    "TokenScores",
    "Tool",
    "ToolCall",
    "ToolResult",
    "Tradeoff",
    "Transient",
    "Translation",
    "Try",
    "Unit",
    "Unknown",
    "UnknownComponent",
    "Unlike",
    "Usage",
    "Value",
    "Variant",
    "Verdict",
    "VoteRefused",
    "Want",
    "WireError",
    "Withheld",
    "WorkDone",
    "as_digits",
    "as_interval",
    "as_number",
    "as_threshold",
    "assistant",
    "derive_seed",
    "digest",
    "hookimpl",
    "http_address",
    "main_estimate",
    "make_seal",
    "may_publish",
    "method_of",
    "of_a_cell",
    "option",
    "other_side",
    "pairs",
    "quotations",
    "read_card",
    "summary_of",
    "system",
    "unit_of",
    "unit_of_gate",
    "user",
    "what_is_lost",
]
# fmt: on


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        msg = f"module 'dosimeter' has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    return getattr(import_module(f"dosimeter.{home}"), name)


def __dir__() -> list[str]:
    return sorted(_HOME)
