//! A static reading of the code or text given with a question: the topic's checks, line by line.

use loadcase_catalog::{Check, Phrase};

use super::words::{Pattern, Token, line_tokens};

/// Lines of material that are read.
const MOST_LINES: usize = 5_000;
/// Characters of a line that are quoted.
const MOST_QUOTED: usize = 110;

/// A check that found its fault.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spotted<'a> {
    /// The check.
    pub check: &'a Check,
    /// The line of the evidence, from one.
    pub line: usize,
    /// The line itself, fit for quoting.
    pub text: String,
}

/// A line of the material, read once.
struct Line<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    indent: usize,
}

/// The code or text given with a question, read once.
pub(super) struct Material<'a> {
    lines: Vec<Line<'a>>,
}

impl<'a> Material<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { lines: text.lines().take(MOST_LINES).map(read).collect() }
    }

    /// The checks that find their fault, in their own order: the worst first.
    pub(super) fn spotted<'c>(&self, checks: &'c [Check]) -> Vec<Spotted<'c>> {
        let spot = |check: &'c Check| {
            let at = self.evidence(check)?;
            Some(Spotted { check, line: at + 1, text: quotable(self.lines[at].text) })
        };
        checks.iter().filter_map(spot).collect()
    }

    /// Whether the material says that what the check asks for is there.
    pub(super) fn settles(&self, check: &Check) -> bool {
        let guarded = patterns(&check.unless);
        self.lines.iter().any(|line| affirms(&guarded, &line.tokens))
    }

    /// The line that proves the fault best: the first one that matches the earliest phrase.
    fn evidence(&self, check: &Check) -> Option<usize> {
        if self.settles(check) {
            return None;
        }
        let lines = &self.lines;
        let inside = patterns(&check.inside);
        let (after, before) = (patterns(&check.after), patterns(&check.before));
        let without = patterns(&check.without);
        let stands = |at: usize| {
            !fits(&without, &lines[at].tokens)
                && (inside.is_empty() || in_block(&inside, lines, at))
                && (after.is_empty() || lines[..at].iter().any(|l| fits(&after, &l.tokens)))
                && (before.is_empty() || lines[at + 1..].iter().any(|l| fits(&before, &l.tokens)))
        };
        patterns(&check.line).iter().find_map(|wanted| {
            (0..lines.len()).find(|&at| wanted.find(&lines[at].tokens).is_some() && stands(at))
        })
    }
}

fn read(text: &str) -> Line<'_> {
    let indent = text.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { 1 }).sum();
    Line { text, tokens: line_tokens(text), indent }
}

fn patterns(phrases: &[Phrase]) -> Vec<Pattern> {
    phrases.iter().map(|p| Pattern::parse(p)).collect()
}

fn fits(patterns: &[Pattern], tokens: &[Token]) -> bool {
    patterns.iter().any(|p| p.find(tokens).is_some())
}

/// Whether a line states one of the patterns, rather than that it is missing.
fn affirms(patterns: &[Pattern], tokens: &[Token]) -> bool {
    const DENIALS: &[&str] =
        &["no", "not", "without", "missing", "never", "dont", "doesnt", "isnt", "todo", "lacks", "skip"];
    patterns.iter().any(|pattern| {
        pattern.find(tokens).is_some_and(|m| {
            let first = m.tokens.start;
            !tokens[first.saturating_sub(4)..first].iter().any(|t| DENIALS.contains(&t.text.as_str()))
        })
    })
}

/// Whether the line stands in a block that a matching line opens: deeper than the opener, with nothing as
/// shallow between them, or before the commit that closes what the opener began. An annotation opens the
/// block of the declaration under it.
fn in_block(openers: &[Pattern], lines: &[Line<'_>], at: usize) -> bool {
    let closes = Pattern::parse("commit|rollback");
    let closing = |line: &Line<'_>| closes.find(&line.tokens).is_some() && !line.text.contains("defer");
    (0..at).filter(|&from| fits(openers, &lines[from].tokens)).any(|from| {
        let annotations = lines[from..at].iter().take_while(|l| l.text.trim_start().starts_with('@')).count();
        let head = from + annotations.min(at - from - 1);
        let between = lines[head + 1..=at].iter().filter(|l| !l.tokens.is_empty());
        let nested = between.clone().all(|l| l.indent > lines[head].indent);
        let open = between.clone().all(|l| !closing(l));
        nested || (open && lines[at + 1..].iter().any(closing))
    })
}

/// A line without control characters and backticks, shortened.
fn quotable(text: &str) -> String {
    let clean: String =
        text.trim().chars().map(|c| if c.is_control() || c == '`' { ' ' } else { c }).collect();
    if clean.chars().count() <= MOST_QUOTED {
        return clean;
    }
    clean.chars().take(MOST_QUOTED).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use loadcase_model::Id;

    use super::*;

    fn check(line: &str, inside: &str, after: &str, unless: &str) -> Check {
        let list = |text: &str| if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
        Check {
            id: Id::slug(line),
            title: String::new(),
            point: String::new(),
            line: list(line),
            inside: list(inside),
            after: list(after),
            before: Vec::new(),
            without: Vec::new(),
            unless: list(unless),
        }
    }

    const CODE: &str = "def pay(amount: float):\n    with db.transaction():\n        gateway.charge(amount)\n    \
                        bus.publish('paid')\n# hook: no signature check\n";

    #[test]
    fn a_line_a_block_and_an_absence_are_seen() {
        let cases = [
            (check("charge", "transaction", "", ""), Some(3)),
            (check("publish", "transaction", "", ""), None),
            (check("publish", "", "transaction", ""), Some(4)),
            (check("publish", "", "transaction", "outbox"), Some(4)),
            (check("hook", "", "", "signature"), Some(5)),
            (check("amount float", "", "", "decimal"), Some(1)),
            (check("charge", "", "", "amount"), None),
        ];
        for (check, line) in cases {
            let checks = [check];
            assert_eq!(Material::new(CODE).spotted(&checks).first().map(|s| s.line), line, "{:?}", checks[0]);
        }
    }

    #[test]
    fn a_transaction_may_be_begun_and_committed() {
        let code = "db.begin()\ncharge(card)\ndb.commit()\npublish()\n";
        let material = Material::new(code);
        assert_eq!(material.spotted(&[check("charge", "begin", "", "")]).len(), 1);
        assert_eq!(material.spotted(&[check("publish", "begin", "", "")]).len(), 0);
    }

    #[test]
    fn what_the_material_affirms_is_settled() {
        let material = Material::new("publish via outbox\n");
        assert!(material.settles(&check("publish", "", "", "outbox")));
        assert!(!material.settles(&check("publish", "", "", "signature")));
    }

    #[test]
    fn quotes_cannot_leave_their_code_span() {
        assert_eq!(quotable("  a`b\u{1b}[31m"), "a b [31m");
    }
}
