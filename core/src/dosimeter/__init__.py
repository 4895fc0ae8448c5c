"""The public face of dosimeter: records, specs, protocols and `hookimpl`.

Names are loaded on first use, so that ``import dosimeter`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dosimeter.contracts import (
        AttackGenerator as AttackGenerator,
    )
    from dosimeter.contracts import (
        Blob as Blob,
    )
    from dosimeter.contracts import (
        Evidence as Evidence,
    )
    from dosimeter.contracts import (
        Excerpt as Excerpt,
    )
    from dosimeter.contracts import (
        Executor as Executor,
    )
    from dosimeter.contracts import (
        HarmCategory as HarmCategory,
    )
    from dosimeter.contracts import (
        HarmScorer as HarmScorer,
    )
    from dosimeter.contracts import (
        Host as Host,
    )
    from dosimeter.contracts import (
        JudgeScorer as JudgeScorer,
    )
    from dosimeter.contracts import (
        ModelProvider as ModelProvider,
    )
    from dosimeter.contracts import (
        Moves as Moves,
    )
    from dosimeter.contracts import (
        Output as Output,
    )
    from dosimeter.contracts import (
        Policy as Policy,
    )
    from dosimeter.contracts import (
        Progress as Progress,
    )
    from dosimeter.contracts import (
        ReportSink as ReportSink,
    )
    from dosimeter.contracts import (
        Seal as Seal,
    )
    from dosimeter.contracts import (
        SearchAttack as SearchAttack,
    )
    from dosimeter.contracts import (
        Vault as Vault,
    )
    from dosimeter.errors import (
        AttackDiverged as AttackDiverged,
    )
    from dosimeter.errors import (
        AuthFailed as AuthFailed,
    )
    from dosimeter.errors import (
        BudgetSpent as BudgetSpent,
    )
    from dosimeter.errors import (
        DosimeterError as DosimeterError,
    )
    from dosimeter.errors import (
        DuplicateComponent as DuplicateComponent,
    )
    from dosimeter.errors import (
        JournalError as JournalError,
    )
    from dosimeter.errors import (
        JournalTooNew as JournalTooNew,
    )
    from dosimeter.errors import (
        Permanent as Permanent,
    )
    from dosimeter.errors import (
        PlanError as PlanError,
    )
    from dosimeter.errors import (
        PluginBroken as PluginBroken,
    )
    from dosimeter.errors import (
        ProviderError as ProviderError,
    )
    from dosimeter.errors import (
        Purged as Purged,
    )
    from dosimeter.errors import (
        RegistryError as RegistryError,
    )
    from dosimeter.errors import (
        RunChanged as RunChanged,
    )
    from dosimeter.errors import (
        RunLocked as RunLocked,
    )
    from dosimeter.errors import (
        Sealed as Sealed,
    )
    from dosimeter.errors import (
        StackError as StackError,
    )
    from dosimeter.errors import (
        Transient as Transient,
    )
    from dosimeter.errors import (
        UnknownComponent as UnknownComponent,
    )
    from dosimeter.errors import (
        Withheld as Withheld,
    )
    from dosimeter.hookspecs import (
        hookimpl as hookimpl,
    )
    from dosimeter.model.answering import (
        Abstention as Abstention,
    )
    from dosimeter.model.answering import (
        CardLine as CardLine,
    )
    from dosimeter.model.answering import (
        Caveat as Caveat,
    )
    from dosimeter.model.answering import (
        Cell as Cell,
    )
    from dosimeter.model.answering import (
        Component as Component,
    )
    from dosimeter.model.answering import (
        Contrast as Contrast,
    )
    from dosimeter.model.answering import (
        Estimate as Estimate,
    )
    from dosimeter.model.answering import (
        Finding as Finding,
    )
    from dosimeter.model.answering import (
        Gate as Gate,
    )
    from dosimeter.model.answering import (
        GateResult as GateResult,
    )
    from dosimeter.model.answering import (
        GateState as GateState,
    )
    from dosimeter.model.answering import (
        Measure as Measure,
    )
    from dosimeter.model.answering import (
        Missing as Missing,
    )
    from dosimeter.model.answering import (
        RaterFacts as RaterFacts,
    )
    from dosimeter.model.answering import (
        Report as Report,
    )
    from dosimeter.model.answering import (
        Selection as Selection,
    )
    from dosimeter.model.answering import (
        Standing as Standing,
    )
    from dosimeter.model.answering import (
        TargetFacts as TargetFacts,
    )
    from dosimeter.model.conversation import (
        Conversation as Conversation,
    )
    from dosimeter.model.conversation import (
        Declined as Declined,
    )
    from dosimeter.model.conversation import (
        Media as Media,
    )
    from dosimeter.model.conversation import (
        Message as Message,
    )
    from dosimeter.model.conversation import (
        Pairs as Pairs,
    )
    from dosimeter.model.conversation import (
        Part as Part,
    )
    from dosimeter.model.conversation import (
        Reasoning as Reasoning,
    )
    from dosimeter.model.conversation import (
        Reply as Reply,
    )
    from dosimeter.model.conversation import (
        Request as Request,
    )
    from dosimeter.model.conversation import (
        Sampling as Sampling,
    )
    from dosimeter.model.conversation import (
        Speaker as Speaker,
    )
    from dosimeter.model.conversation import (
        Stop as Stop,
    )
    from dosimeter.model.conversation import (
        Text as Text,
    )
    from dosimeter.model.conversation import (
        TokenScores as TokenScores,
    )
    from dosimeter.model.conversation import (
        Tool as Tool,
    )
    from dosimeter.model.conversation import (
        ToolCall as ToolCall,
    )
    from dosimeter.model.conversation import (
        ToolResult as ToolResult,
    )
    from dosimeter.model.conversation import (
        Unknown as Unknown,
    )
    from dosimeter.model.conversation import (
        Usage as Usage,
    )
    from dosimeter.model.conversation import (
        Verdict as Verdict,
    )
    from dosimeter.model.conversation import (
        Want as Want,
    )
    from dosimeter.model.conversation import (
        assistant as assistant,
    )
    from dosimeter.model.conversation import (
        pairs as pairs,
    )
    from dosimeter.model.conversation import (
        system as system,
    )
    from dosimeter.model.conversation import (
        user as user,
    )
    from dosimeter.model.design import (
        Attempt as Attempt,
    )
    from dosimeter.model.design import (
        Factor as Factor,
    )
    from dosimeter.model.design import (
        FactorRole as FactorRole,
    )
    from dosimeter.model.design import (
        Intent as Intent,
    )
    from dosimeter.model.design import (
        Item as Item,
    )
    from dosimeter.model.design import (
        Label as Label,
    )
    from dosimeter.model.design import (
        Line as Line,
    )
    from dosimeter.model.design import (
        Link as Link,
    )
    from dosimeter.model.design import (
        Presupposes as Presupposes,
    )
    from dosimeter.model.design import (
        Provenance as Provenance,
    )
    from dosimeter.model.design import (
        Reference as Reference,
    )
    from dosimeter.model.design import (
        Variant as Variant,
    )
    from dosimeter.model.doing import (
        Ask as Ask,
    )
    from dosimeter.model.doing import (
        Bound as Bound,
    )
    from dosimeter.model.doing import (
        Candidate as Candidate,
    )
    from dosimeter.model.doing import (
        Note as Note,
    )
    from dosimeter.model.doing import (
        Role as Role,
    )
    from dosimeter.model.doing import (
        Stage as Stage,
    )
    from dosimeter.model.ids import (
        derive_seed as derive_seed,
    )
    from dosimeter.model.ids import (
        digest as digest,
    )
    from dosimeter.model.rating import (
        Aspect as Aspect,
    )
    from dosimeter.model.rating import (
        Case as Case,
    )
    from dosimeter.model.rating import (
        Direction as Direction,
    )
    from dosimeter.model.rating import (
        Level as Level,
    )
    from dosimeter.model.rating import (
        Mark as Mark,
    )
    from dosimeter.model.rating import (
        Opinion as Opinion,
    )
    from dosimeter.model.rating import (
        Outcome as Outcome,
    )
    from dosimeter.model.rating import (
        Rating as Rating,
    )
    from dosimeter.model.rating import (
        Scale as Scale,
    )
    from dosimeter.model.rating import (
        ScaleKind as ScaleKind,
    )
    from dosimeter.model.rating import (
        Sees as Sees,
    )
    from dosimeter.model.rating import (
        Span as Span,
    )
    from dosimeter.model.rating import (
        Subject as Subject,
    )
    from dosimeter.model.rating import (
        SubjectKind as SubjectKind,
    )
    from dosimeter.model.rating import (
        Value as Value,
    )
    from dosimeter.model.specs import (
        AttackSpec as AttackSpec,
    )
    from dosimeter.model.specs import (
        Capability as Capability,
    )
    from dosimeter.model.specs import (
        CategorySpec as CategorySpec,
    )
    from dosimeter.model.specs import (
        CommandSpec as CommandSpec,
    )
    from dosimeter.model.specs import (
        ExecutorSpec as ExecutorSpec,
    )
    from dosimeter.model.specs import (
        NoOptions as NoOptions,
    )
    from dosimeter.model.specs import (
        PanelInfo as PanelInfo,
    )
    from dosimeter.model.specs import (
        ProviderSpec as ProviderSpec,
    )
    from dosimeter.model.specs import (
        ScorerSpec as ScorerSpec,
    )
    from dosimeter.model.specs import (
        SinkSpec as SinkSpec,
    )
    from dosimeter.model.specs import (
        Spec as Spec,
    )
    from dosimeter.model.specs import (
        option as option,
    )
    from dosimeter.model.work import (
        Answered as Answered,
    )
    from dosimeter.model.work import (
        CallDone as CallDone,
    )
    from dosimeter.model.work import (
        Compose as Compose,
    )
    from dosimeter.model.work import (
        Cost as Cost,
    )
    from dosimeter.model.work import (
        Endpoint as Endpoint,
    )
    from dosimeter.model.work import (
        Lease as Lease,
    )
    from dosimeter.model.work import (
        Permit as Permit,
    )
    from dosimeter.model.work import (
        State as State,
    )
    from dosimeter.model.work import (
        Try as Try,
    )
    from dosimeter.model.work import (
        WorkDone as WorkDone,
    )

_HOME = {
    "Abstention": "model.answering",
    "Answered": "model.work",
    "Ask": "model.doing",
    "Aspect": "model.rating",
    "AttackDiverged": "errors",
    "AttackGenerator": "contracts",
    "AttackSpec": "model.specs",
    "Attempt": "model.design",
    "AuthFailed": "errors",
    "Blob": "contracts",
    "Bound": "model.doing",
    "BudgetSpent": "errors",
    "CallDone": "model.work",
    "Candidate": "model.doing",
    "Capability": "model.specs",
    "CardLine": "model.answering",
    "Case": "model.rating",
    "CategorySpec": "model.specs",
    "Caveat": "model.answering",
    "Cell": "model.answering",
    "CommandSpec": "model.specs",
    "Component": "model.answering",
    "Compose": "model.work",
    "Contrast": "model.answering",
    "Conversation": "model.conversation",
    "Cost": "model.work",
    "Declined": "model.conversation",
    "Direction": "model.rating",
    "DosimeterError": "errors",
    "DuplicateComponent": "errors",
    "Endpoint": "model.work",
    "Estimate": "model.answering",
    "Evidence": "contracts",
    "Excerpt": "contracts",
    "Executor": "contracts",
    "ExecutorSpec": "model.specs",
    "Factor": "model.design",
    "FactorRole": "model.design",
    "Finding": "model.answering",
    "Gate": "model.answering",
    "GateResult": "model.answering",
    "GateState": "model.answering",
    "HarmCategory": "contracts",
    "HarmScorer": "contracts",
    "Host": "contracts",
    "Intent": "model.design",
    "Item": "model.design",
    "JournalError": "errors",
    "JournalTooNew": "errors",
    "JudgeScorer": "contracts",
    "Label": "model.design",
    "Lease": "model.work",
    "Level": "model.rating",
    "Line": "model.design",
    "Link": "model.design",
    "Mark": "model.rating",
    "Measure": "model.answering",
    "Media": "model.conversation",
    "Message": "model.conversation",
    "Missing": "model.answering",
    "ModelProvider": "contracts",
    "Moves": "contracts",
    "NoOptions": "model.specs",
    "Note": "model.doing",
    "Opinion": "model.rating",
    "Outcome": "model.rating",
    "Output": "contracts",
    "Pairs": "model.conversation",
    "PanelInfo": "model.specs",
    "Part": "model.conversation",
    "Permanent": "errors",
    "Permit": "model.work",
    "PlanError": "errors",
    "PluginBroken": "errors",
    "Policy": "contracts",
    "Presupposes": "model.design",
    "Progress": "contracts",
    "Provenance": "model.design",
    "ProviderError": "errors",
    "ProviderSpec": "model.specs",
    "Purged": "errors",
    "RaterFacts": "model.answering",
    "Rating": "model.rating",
    "Reasoning": "model.conversation",
    "Reference": "model.design",
    "RegistryError": "errors",
    "Reply": "model.conversation",
    "Report": "model.answering",
    "ReportSink": "contracts",
    "Request": "model.conversation",
    "Role": "model.doing",
    "RunChanged": "errors",
    "RunLocked": "errors",
    "Sampling": "model.conversation",
    "Scale": "model.rating",
    "ScaleKind": "model.rating",
    "ScorerSpec": "model.specs",
    "Seal": "contracts",
    "Sealed": "errors",
    "SearchAttack": "contracts",
    "Sees": "model.rating",
    "Selection": "model.answering",
    "SinkSpec": "model.specs",
    "Span": "model.rating",
    "Speaker": "model.conversation",
    "Spec": "model.specs",
    "StackError": "errors",
    "Stage": "model.doing",
    "Standing": "model.answering",
    "State": "model.work",
    "Stop": "model.conversation",
    "Subject": "model.rating",
    "SubjectKind": "model.rating",
    "TargetFacts": "model.answering",
    "Text": "model.conversation",
    "TokenScores": "model.conversation",
    "Tool": "model.conversation",
    "ToolCall": "model.conversation",
    "ToolResult": "model.conversation",
    "Transient": "errors",
    "Try": "model.work",
    "Unknown": "model.conversation",
    "UnknownComponent": "errors",
    "Usage": "model.conversation",
    "Value": "model.rating",
    "Variant": "model.design",
    "Vault": "contracts",
    "Verdict": "model.conversation",
    "Want": "model.conversation",
    "Withheld": "errors",
    "WorkDone": "model.work",
    "assistant": "model.conversation",
    "derive_seed": "model.ids",
    "digest": "model.ids",
    "hookimpl": "hookspecs",
    "option": "model.specs",
    "pairs": "model.conversation",
    "system": "model.conversation",
    "user": "model.conversation",
}

__all__ = [
    "Abstention",
    "Answered",
    "Ask",
    "Aspect",
    "AttackDiverged",
    "AttackGenerator",
    "AttackSpec",
    "Attempt",
    "AuthFailed",
    "Blob",
    "Bound",
    "BudgetSpent",
    "CallDone",
    "Candidate",
    "Capability",
    "CardLine",
    "Case",
    "CategorySpec",
    "Caveat",
    "Cell",
    "CommandSpec",
    "Component",
    "Compose",
    "Contrast",
    "Conversation",
    "Cost",
    "Declined",
    "Direction",
    "DosimeterError",
    "DuplicateComponent",
    "Endpoint",
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
    "Host",
    "Intent",
    "Item",
    "JournalError",
    "JournalTooNew",
    "JudgeScorer",
    "Label",
    "Lease",
    "Level",
    "Line",
    "Link",
    "Mark",
    "Measure",
    "Media",
    "Message",
    "Missing",
    "ModelProvider",
    "Moves",
    "NoOptions",
    "Note",
    "Opinion",
    "Outcome",
    "Output",
    "Pairs",
    "PanelInfo",
    "Part",
    "Permanent",
    "Permit",
    "PlanError",
    "PluginBroken",
    "Policy",
    "Presupposes",
    "Progress",
    "Provenance",
    "ProviderError",
    "ProviderSpec",
    "Purged",
    "RaterFacts",
    "Rating",
    "Reasoning",
    "Reference",
    "RegistryError",
    "Reply",
    "Report",
    "ReportSink",
    "Request",
    "Role",
    "RunChanged",
    "RunLocked",
    "Sampling",
    "Scale",
    "ScaleKind",
    "ScorerSpec",
    "Seal",
    "Sealed",
    "SearchAttack",
    "Sees",
    "Selection",
    "SinkSpec",
    "Span",
    "Speaker",
    "Spec",
    "StackError",
    "Stage",
    "Standing",
    "State",
    "Stop",
    "Subject",
    "SubjectKind",
    "TargetFacts",
    "Text",
    "TokenScores",
    "Tool",
    "ToolCall",
    "ToolResult",
    "Transient",
    "Try",
    "Unknown",
    "UnknownComponent",
    "Usage",
    "Value",
    "Variant",
    "Vault",
    "Verdict",
    "Want",
    "Withheld",
    "WorkDone",
    "assistant",
    "derive_seed",
    "digest",
    "hookimpl",
    "option",
    "pairs",
    "system",
    "user",
]


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        msg = f"module 'dosimeter' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"dosimeter.{home}"), name)


def __dir__() -> list[str]:
    return sorted(_HOME)
