//! Conditions on circumstances: a small closed language without variables, loops or functions.
//!
//! ```text
//! condition  = and-part { "or" and-part }
//! and-part   = not-part { "and" not-part }
//! not-part   = [ "not" ] ( "(" condition ")" | comparison | fact )
//! comparison = input [ ".now" | ".later" ] ( ">=" | "<=" | ">" | "<" ) number   -- later is the default
//! fact       = signal | "domain:" id | "uses:" id | "wants:" id | "rejects:" id | "knows:" id
//!            | "considers:" id | "stated:" input | "chosen:" decision "=" option
//! ```

use std::fmt;

use loadcase_model::{Horizon, Id, Input};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a condition can ask about.
pub trait Circumstances {
    /// Whether a signal holds.
    fn signal(&self, id: &str) -> bool;
    /// The value of an input.
    fn number(&self, input: Input, horizon: Horizon) -> f64;
    /// Whether an input was stated or documented.
    fn stated(&self, input: Input) -> bool;
    /// Whether the product belongs to a domain.
    fn domain(&self, id: &str) -> bool;
    /// Whether a technology was named in a way: `uses`, `wants`, `rejects`, `knows`, `considers`.
    fn technology(&self, relation: Relation, id: &str) -> bool;
    /// Whether an option is chosen for another decision.
    fn chosen(&self, decision: &str, option: &str) -> bool;
}

/// How a technology stands to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// In use today.
    Uses,
    /// Wanted or required.
    Wants,
    /// Ruled out.
    Rejects,
    /// Known well to the team.
    Knows,
    /// Asked about.
    Considers,
}

/// A parsed condition; written in YAML as its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    text: String,
    root: Node,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Signal(Id),
    Domain(Id),
    Technology(Relation, Id),
    Stated(Input),
    Chosen(Id, Id),
    Compare(Input, Horizon, Comparison, f64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    AtLeast,
    AtMost,
    Above,
    Below,
}

/// Why a text is not a condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("in the condition `{text}`: {problem}")]
pub struct ConditionError {
    text: String,
    problem: String,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// When the text does not follow the grammar or names an unknown input.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        let error = |problem: String| ConditionError { text: text.to_owned(), problem };
        if text.len() > 1_000 {
            return Err(error("longer than 1,000 characters".to_owned()));
        }
        let mut parser = Parser { tokens: tokens(text), at: 0, depth: 0 };
        let root = parser.any().map_err(error)?;
        match parser.peek() {
            None => Ok(Self { text: text.to_owned(), root }),
            Some(token) => Err(error(format!("`{token}` is not expected here"))),
        }
    }

    /// The text it was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds.
    #[must_use]
    pub fn holds(&self, circumstances: &dyn Circumstances) -> bool {
        self.root.holds(circumstances)
    }

    /// Decisions whose chosen option it asks about, in order of appearance.
    #[must_use]
    pub fn decisions(&self) -> Vec<&Id> {
        let mut found = Vec::new();
        self.root.visit(&mut |node| {
            if let Node::Chosen(decision, _) = node {
                found.push(decision);
            }
        });
        found
    }

    /// Signals it asks about.
    #[must_use]
    pub fn signals(&self) -> Vec<&Id> {
        let mut found = Vec::new();
        self.root.visit(&mut |node| {
            if let Node::Signal(id) = node {
                found.push(id);
            }
        });
        found
    }

    /// Inputs it compares or asks about.
    #[must_use]
    pub fn inputs(&self) -> Vec<Input> {
        let mut found = Vec::new();
        self.root.visit(&mut |node| {
            if let Node::Compare(input, ..) | Node::Stated(input) = node {
                found.push(*input);
            }
        });
        found
    }

    /// Technologies and domains it names.
    #[must_use]
    pub fn names(&self) -> (Vec<&Id>, Vec<&Id>) {
        let (mut technologies, mut domains) = (Vec::new(), Vec::new());
        self.root.visit(&mut |node| match node {
            Node::Technology(_, id) => technologies.push(id),
            Node::Domain(id) => domains.push(id),
            _ => {}
        });
        (technologies, domains)
    }
}

impl Node {
    fn holds(&self, c: &dyn Circumstances) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|n| n.holds(c)),
            Self::Any(nodes) => nodes.iter().any(|n| n.holds(c)),
            Self::Not(node) => !node.holds(c),
            Self::Signal(id) => c.signal(id.as_str()),
            Self::Domain(id) => c.domain(id.as_str()),
            Self::Technology(relation, id) => c.technology(*relation, id.as_str()),
            Self::Stated(input) => c.stated(*input),
            Self::Chosen(decision, option) => c.chosen(decision.as_str(), option.as_str()),
            Self::Compare(input, horizon, comparison, bound) => {
                let value = c.number(*input, *horizon);
                match comparison {
                    Comparison::AtLeast => value >= *bound,
                    Comparison::AtMost => value <= *bound,
                    Comparison::Above => value > *bound,
                    Comparison::Below => value < *bound,
                }
            }
        }
    }

    fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Self)) {
        see(self);
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().for_each(|n| n.visit(see)),
            Self::Not(node) => node.visit(see),
            _ => {}
        }
    }
}

/// Words, parentheses and comparison signs.
fn tokens(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for word in text.split_whitespace() {
        let mut rest = word;
        while let Some(inner) = rest.strip_prefix('(') {
            out.push("(");
            rest = inner;
        }
        let closing = rest.len() - rest.trim_end_matches(')').len();
        let core = &rest[..rest.len() - closing];
        if !core.is_empty() {
            out.push(core);
        }
        out.extend(std::iter::repeat_n(")", closing));
    }
    out
}

struct Parser<'a> {
    tokens: Vec<&'a str>,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<&'a str> {
        let token = self.peek();
        self.at += usize::from(token.is_some());
        token
    }

    fn any(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > 16 {
            return Err("nested too deeply".to_owned());
        }
        let mut nodes = vec![self.all()?];
        while self.peek() == Some("or") {
            self.at += 1;
            nodes.push(self.all()?);
        }
        self.depth -= 1;
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Any(nodes) })
    }

    fn all(&mut self) -> Result<Node, String> {
        let mut nodes = vec![self.not()?];
        while self.peek() == Some("and") {
            self.at += 1;
            nodes.push(self.not()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::All(nodes) })
    }

    fn not(&mut self) -> Result<Node, String> {
        if self.peek() == Some("not") {
            self.at += 1;
            return Ok(Node::Not(Box::new(self.atom()?)));
        }
        self.atom()
    }

    fn atom(&mut self) -> Result<Node, String> {
        let word = self.next().ok_or("it ends too early")?;
        if word == "(" {
            let inner = self.any()?;
            return if self.next() == Some(")") { Ok(inner) } else { Err("a `)` is missing".to_owned()) };
        }
        if matches!(self.peek(), Some(">=" | "<=" | ">" | "<")) {
            return self.comparison(word);
        }
        fact(word)
    }

    fn comparison(&mut self, word: &str) -> Result<Node, String> {
        let (name, horizon) = match word.rsplit_once('.') {
            Some((name, "now")) => (name, Horizon::Now),
            Some((name, "later")) => (name, Horizon::Later),
            _ => (word, Horizon::Later),
        };
        let input = input(name)?;
        let comparison = match self.next() {
            Some(">=") => Comparison::AtLeast,
            Some("<=") => Comparison::AtMost,
            Some(">") => Comparison::Above,
            _ => Comparison::Below,
        };
        let number = self.next().ok_or("a number is missing")?;
        let bound = number.parse().map_err(|_| format!("`{number}` is not a number"))?;
        Ok(Node::Compare(input, horizon, comparison, bound))
    }
}

fn fact(word: &str) -> Result<Node, String> {
    let id = |text: &str| Id::new(text).map_err(|e| e.to_string());
    Ok(match word.split_once(':') {
        None => Node::Signal(id(word)?),
        Some(("domain", name)) => Node::Domain(id(name)?),
        Some(("uses", name)) => Node::Technology(Relation::Uses, id(name)?),
        Some(("wants", name)) => Node::Technology(Relation::Wants, id(name)?),
        Some(("rejects", name)) => Node::Technology(Relation::Rejects, id(name)?),
        Some(("knows", name)) => Node::Technology(Relation::Knows, id(name)?),
        Some(("considers", name)) => Node::Technology(Relation::Considers, id(name)?),
        Some(("stated", name)) => Node::Stated(input(name)?),
        Some(("chosen", pair)) => {
            let (decision, option) = pair.split_once('=').ok_or("write `chosen:decision=option`")?;
            Node::Chosen(id(decision)?, id(option)?)
        }
        Some((other, _)) => return Err(format!("`{other}:` is not known")),
    })
}

fn input(name: &str) -> Result<Input, String> {
    Input::from_slug(name).ok_or_else(|| format!("there is no input `{name}`"))
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Condition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "a condition such as `engineers >= 50 and not own-hardware`"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case;

    impl Circumstances for Case {
        fn signal(&self, id: &str) -> bool {
            id == "replay"
        }
        fn number(&self, input: Input, horizon: Horizon) -> f64 {
            match (input, horizon) {
                (Input::Engineers, Horizon::Now) => 4.0,
                (Input::Engineers, Horizon::Later) => 60.0,
                _ => 0.0,
            }
        }
        fn stated(&self, input: Input) -> bool {
            input == Input::Engineers
        }
        fn domain(&self, id: &str) -> bool {
            id == "social"
        }
        fn technology(&self, relation: Relation, id: &str) -> bool {
            relation == Relation::Uses && id == "mysql"
        }
        fn chosen(&self, decision: &str, option: &str) -> bool {
            decision == "deployment" && option == "paas"
        }
    }

    #[test]
    fn conditions_hold_as_written() {
        let cases = [
            ("replay", true),
            ("not replay", false),
            ("engineers >= 50", true),
            ("engineers.now >= 50", false),
            ("stated:engineers and domain:social", true),
            ("uses:mysql and not uses:mongodb", true),
            ("chosen:deployment=paas or replay", true),
            ("(ordering or replay) and not (engineers < 50)", true),
            ("not replay or ordering and engineers > 1", false),
        ];
        for (text, holds) in cases {
            assert_eq!(Condition::parse(text).expect(text).holds(&Case), holds, "{text}");
        }
    }

    #[test]
    fn faults_are_named() {
        let nested = "(".repeat(40);
        for text in [
            "",
            "engineers >=",
            "engineers >= many",
            "crowd > 3",
            "a b",
            "(a",
            "chosen:x",
            "likes:x",
            &nested,
        ] {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
    }
}
