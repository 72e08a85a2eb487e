//! A static reading of the code or text given with a question: the topic's checks, line by line.

use loadcase_catalog::{Check, Phrase};

use super::words::{Pattern, Token, line_tokens};

/// Words of the material that are read; an empty line counts as one.
const MOST_TOKENS: usize = 30_000;
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
    complete: bool,
}

impl<'a> Material<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut left = MOST_TOKENS;
        let mut lines = Vec::new();
        for line in text.lines() {
            let line = read(line);
            if left == 0 {
                return Self { lines, complete: false };
            }
            left = left.saturating_sub(line.tokens.len().max(1));
            lines.push(line);
        }
        Self { lines, complete: true }
    }

    /// How many lines were read, where that is not all of them.
    pub(super) fn cut_after(&self) -> Option<usize> {
        (!self.complete).then_some(self.lines.len())
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
        let (after, before) = (patterns(&check.after), patterns(&check.before));
        let first = lines.iter().position(|l| fits(&after, &l.tokens));
        let last = lines.iter().rposition(|l| fits(&before, &l.tokens));
        let without = patterns(&check.without);
        let blocks = (!check.inside.is_empty()).then(|| Blocks::new(&patterns(&check.inside), lines));
        let stands = |at: usize| {
            (after.is_empty() || first.is_some_and(|first| first < at))
                && (before.is_empty() || last.is_some_and(|last| last > at))
                && !fits(&without, &lines[at].tokens)
                && blocks.as_ref().is_none_or(|blocks| blocks.hold(at))
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

/// The blocks that matching lines open. A line stands in one when it is deeper than the opener with nothing as
/// shallow between them, or before the commit that closes what the opener began. An annotation opens the block of
/// the declaration under it.
struct Blocks<'a> {
    lines: &'a [Line<'a>],
    /// The lines that open a block: where each stands, and how many annotations stand there.
    openers: Vec<(usize, usize)>,
    /// The lines that close what was begun.
    closing: Vec<usize>,
}

impl<'a> Blocks<'a> {
    fn new(wanted: &[Pattern], lines: &'a [Line<'a>]) -> Self {
        let closes = Pattern::parse("commit|rollback");
        let close = |l: &Line<'_>| closes.find(&l.tokens).is_some() && !l.text.contains("defer");
        let mut openers = Vec::new();
        let mut annotations = 0;
        for (at, line) in lines.iter().enumerate().rev() {
            annotations = if line.text.trim_start().starts_with('@') { annotations + 1 } else { 0 };
            if fits(wanted, &line.tokens) {
                openers.push((at, annotations));
            }
        }
        openers.reverse();
        Self { lines, openers, closing: (0..lines.len()).filter(|&i| close(&lines[i])).collect() }
    }

    /// Whether a line stands in one of the blocks. Goes up once, from the nearest opener to the furthest.
    fn hold(&self, at: usize) -> bool {
        let later = self.closing.partition_point(|&line| line <= at);
        let closed_later = later < self.closing.len();
        let closed_at = later.checked_sub(1).map(|i| self.closing[i]);
        let openers = &self.openers[..self.openers.partition_point(|(from, _)| *from < at)];
        let mut shallowest = usize::MAX;
        let mut top = at + 1;
        openers.iter().rev().any(|&(from, annotations)| {
            let head = from + annotations.min(at - from - 1);
            while top > head + 1 {
                top -= 1;
                if !self.lines[top].tokens.is_empty() {
                    shallowest = shallowest.min(self.lines[top].indent);
                }
            }
            let open = closed_later && closed_at.is_none_or(|line| line <= head);
            open || shallowest > self.lines[head].indent
        })
    }
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
    fn an_annotation_opens_the_block_of_what_it_stands_on() {
        let code = "class A {\n  @Transactional\n  @Timed\n  void pay() {\n    charge();\n  }\n  void other() \
                    {\n    send();\n  }\n}\n";
        let material = Material::new(code);
        assert_eq!(material.spotted(&[check("charge", "transactional", "", "")])[0].line, 5);
        assert_eq!(material.spotted(&[check("send", "transactional", "", "")]).len(), 0);
    }

    #[test]
    fn long_material_is_read_in_part_and_in_time() {
        let code = "    begin charge publish\n@begin\ncharge\n".repeat(200_000);
        let material = Material::new(&code);
        assert!(material.cut_after().is_some_and(|lines| lines < 30_000));
        assert_eq!(
            material.spotted(&[check("publish", "nothing", "", ""), check("commit", "begin", "", "")]),
            []
        );
        assert_eq!(Material::new(CODE).cut_after(), None);
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
