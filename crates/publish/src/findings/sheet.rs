//! What the forms of findings need to know of the rules behind them.

/// A rule as people meet it. Whoever runs the rules fills these in: this crate knows none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSheet {
    /// Readable identifier.
    pub id: String,
    /// Family, such as `resilience`.
    pub family: String,
    /// Severity unless something raises or lowers it.
    pub severity: String,
    /// Whether it needs the capacity model.
    pub needs_numbers: bool,
    /// The fault, in a sentence.
    pub fault: String,
    /// Why it is one.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// The whole documentation as Markdown.
    pub documentation: String,
    /// Norms and texts: `CWE-798`, `A07:2025`, `API1:2023`, `ASVS 13.3.1`.
    pub references: Vec<String>,
    /// Former names.
    pub aliases: Vec<String>,
}

impl RuleSheet {
    /// The page of the rule, relative to the root of Loadcase's repository.
    #[must_use]
    pub fn page(&self) -> String {
        format!("docs/rules/{}/{}.md", self.family, self.id)
    }
}
