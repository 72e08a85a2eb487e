//! The vocabulary of Loadcase: one word for one thing, as types.
//!
//! This crate knows nothing else of the workspace. It holds the nouns every stage shares (brief, blueprint,
//! workload, forecast, decision, fact, finding, design) and what they are made of (identifiers, units,
//! figures with their origin, spans, diagnostics). Behaviour here is limited to validation, naming and
//! formatting.

mod blueprint;
mod brief;
mod decision;
mod design;
mod diagnostic;
mod difference;
mod fact;
mod figure;
mod file_path;
mod finding;
mod following;
mod forecast;
mod id;
mod input;
mod origin;
mod proof;
mod quotation;
mod references;
mod simulation;
mod span;
pub mod stored;
mod survey;
mod taken;
mod unit;
mod verification;
mod what_if;
mod workload;
pub mod yaml;

pub use blueprint::{
    Access, AccessKind, Actor, Blueprint, Capacity, Component, ComponentKind, Deployment, Entity, Field,
    FieldType, Flow, FlowStyle, Guard, Module, Operation, OperationKind, Part, Period, RowsFrom, Sensitivity,
    Step, StepMode, TrustZone, UniqueWhen, When,
};
pub use brief::{Brief, DomainGuess, Given, Pin, Signal, Stance, TechnologyMention};
pub use decision::{Alternative, Consequence, Decision, Driver, Flip, Verdict};
pub use design::{
    Choices, Design, Feasibility, GrowthStep, Margin, Question, Reading, Recommendation, Risk, TargetCheck,
    Today,
};
pub use diagnostic::{Diagnostic, Label, Severity};
pub use difference::{ChangedElement, Changes, Difference, FieldChange, FindingChanges, NumberChange, Shape};
pub use fact::{Fact, Mark};
pub use figure::{Figure, figure};
pub use file_path::FilePath;
pub use finding::{
    Accepted, Finding, FindingLocation, FindingNumber, GateLine, GateStatus, Review, ReviewDetail,
    ReviewSize, StaleAcceptance, Undecided,
};
pub use following::following_faults;
pub use forecast::{
    Availability, CostLine, Forecast, Latency, OperationForecast, PeopleLine, Saturation, StationForecast,
};
pub use id::{Id, IdError};
pub use input::{Estimate, Horizon, Horizons, Input, InputKind};
pub use origin::{Origin, Tag};
pub use proof::{FilledTable, Outcome, PatternProof, PatternSample, Proof, Proofs, StoreProofs};
pub use quotation::Quotation;
pub use references::dangling;
pub use simulation::{
    CurvePoint, ErrorShare, Interval, LoadCurve, NamedStretch, OperationRun, Opinion, PartTimeline, Recovery,
    Remedy, Saturated, ScenarioRun, ScenarioTarget, SecondOpinion, SimulatedPoint, Simulation,
    SkippedScenario, Timeline, TriedChange,
};
pub use span::{Place, Position, Span};
pub use survey::{
    Acceptance, Aspect, Claim, FailedCheck, Library, Practice, Prefix, Role, Runtime, State, Survey, TableUse,
};
pub use taken::{OwnField, Taken, TakenColumn, Taking, taken_column, taking_faults};
pub use unit::{Unit, format_number, format_quantity};
pub use verification::{
    CheckedVersion, FactSource, LookAgain, SourceAsked, Verification, VerificationTally, VersionAnswer,
    VersionClaim, VersionStatement, Weight,
};
pub use what_if::{
    Better, BottleneckChange, Contest, DecisionChange, Duel, RequirementChange, ScenarioDuel, Understood,
    WhatIf,
};
pub use workload::Workload;
