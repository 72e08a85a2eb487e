//! What a rule is.

use crate::answer::Answers;
use crate::subject::Subject;

/// Families of rules, in the order in which findings are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// How the system is cut and who calls whom.
    Topology,
    /// Stores, tables, writes.
    Data,
    /// Contracts and endpoints.
    Api,
    /// Behaviour when something fails.
    Resilience,
    /// Who may do what, secrets, exposure.
    Security,
    /// Money.
    Payments,
    /// Tenants.
    Tenancy,
    /// Logs, metrics, traces, promises.
    Observability,
    /// How it runs and is delivered.
    Deployment,
    /// Versions and choices.
    Technology,
    /// Load against what there is.
    Capacity,
    /// Documents against code.
    Drift,
}

impl Family {
    /// Every family, in order.
    pub const ALL: [Self; 12] = [
        Self::Topology,
        Self::Data,
        Self::Api,
        Self::Resilience,
        Self::Security,
        Self::Payments,
        Self::Tenancy,
        Self::Observability,
        Self::Deployment,
        Self::Technology,
        Self::Capacity,
        Self::Drift,
    ];

    /// The name, as in `--select family:resilience`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Topology => "topology",
            Self::Data => "data",
            Self::Api => "api",
            Self::Resilience => "resilience",
            Self::Security => "security",
            Self::Payments => "payments",
            Self::Tenancy => "tenancy",
            Self::Observability => "observability",
            Self::Deployment => "deployment",
            Self::Technology => "technology",
            Self::Capacity => "capacity",
            Self::Drift => "drift",
        }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Worth knowing.
    Info,
    /// Do it when you pass by.
    Low,
    /// Plan it.
    Medium,
    /// Do it now.
    High,
    /// Stop and do it.
    Critical,
}

impl Rank {
    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The rank of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical]
            .into_iter()
            .find(|r| r.name() == name)
    }
}

/// A rule: a fault, when it fires, what to do about it, and the check.
pub struct Rule {
    /// Readable identifier, naming the fault.
    pub id: &'static str,
    /// Family.
    pub family: Family,
    /// Severity unless something raises or lowers it.
    pub severity: Rank,
    /// Whether it needs the capacity model.
    pub needs_numbers: bool,
    /// The fault, in a sentence.
    pub fault: &'static str,
    /// Why it is one.
    pub why: &'static str,
    /// When the rule fires, and what it looks at.
    pub fires: &'static str,
    /// When it keeps silent although it looks like the fault; what it cannot see.
    pub silent: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// Norms and texts: `CWE-798`, `A07:2025`, `API1:2023`, `ASVS 13.3.1`, names of patterns and papers.
    pub references: &'static [&'static str],
    /// Former names.
    pub aliases: &'static [&'static str],
    /// The check.
    pub(crate) check: fn(&Subject<'_>, &mut Answers),
}

impl Rule {
    /// The documentation as Markdown.
    #[must_use]
    pub fn documentation(&self) -> String {
        let numbers = if self.needs_numbers { " It needs the capacity model." } else { "" };
        format!(
            "# {}\n\n{}\n\nFamily {}, severity {}.{numbers}\n\n## Why this is bad\n\n{}\n\n## When it fires\n\n{}\n\n## When it keeps silent\n\n{}\n\n## What to do\n\n{}\n\n## References\n\n{}\n",
            self.id,
            self.fault,
            self.family.name(),
            self.severity.name(),
            self.why,
            self.fires,
            self.silent,
            self.fix,
            self.references.iter().map(|r| format!("- {r}\n")).collect::<String>().trim_end(),
        )
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rule").field("id", &self.id).finish_non_exhaustive()
    }
}
