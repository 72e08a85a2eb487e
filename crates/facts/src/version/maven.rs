//! Maven's version order, as the POM reference specifies it.
//!
//! A version is split at dots, hyphens, underscores and between digits and letters. Trailing nulls (`0`, `final`, `ga`,
//! `release`) go, also those in front of a hyphen. What is left is compared token by token, where the end of a version
//! stands between `snapshot` and `sp`.

use std::cmp::Ordering;

/// A version as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(Vec<Token>);

impl Key {
    pub(super) fn is_prerelease(&self) -> bool {
        self.0.iter().any(|t| matches!(t, Token::Before(_)))
    }
}

/// A token, in the order of tokens at the same place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    /// `alpha`, `beta`, `milestone`, `rc`, `snapshot`.
    Before(u8),
    /// The end of the version.
    End,
    /// `final`, `ga`, `release` with something behind.
    Null,
    /// `sp`.
    ServicePack,
    /// Any other word.
    Word(String),
    /// A number behind a hyphen.
    Hyphen(Number),
    /// A number behind a dot.
    Dot(Number),
}

/// A number of any length, without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Number(String);

impl Number {
    fn new(digits: &str) -> Self {
        Self(digits.trim_start_matches('0').to_owned())
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

pub(super) fn parse(text: &str) -> Key {
    let lower = text.to_ascii_lowercase();
    let pieces = pieces(&lower);
    let mut tokens: Vec<Token> = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        let numbered = pieces.get(i + 1).is_some_and(|next| next.joined && next.is_number());
        let token = token(piece, numbered);
        // Words and numbers behind a hyphen begin a part of their own: nulls in front of it go.
        if !matches!(token, Token::Dot(_)) {
            trim(&mut tokens);
        }
        tokens.push(token);
    }
    trim(&mut tokens);
    tokens.push(Token::End);
    Key(tokens)
}

/// A piece of the text between separators.
struct Piece<'a> {
    text: &'a str,
    hyphen: bool,
    /// Whether no separator stands in front of it.
    joined: bool,
}

impl Piece<'_> {
    fn is_number(&self) -> bool {
        self.text.is_empty() || self.text.starts_with(|c: char| c.is_ascii_digit())
    }
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let (mut start, mut hyphen, mut joined) = (0, false, false);
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let separates = matches!(c, '.' | '-' | '_');
        let turns = before.is_some_and(|b| b.is_ascii_digit() != c.is_ascii_digit());
        if separates {
            out.push(Piece { text: &text[start..at], hyphen, joined });
            (start, hyphen, joined) = (at + 1, c != '.', false);
            before = None;
        } else {
            if turns {
                out.push(Piece { text: &text[start..at], hyphen, joined });
                (start, hyphen, joined) = (at, true, true);
            }
            before = Some(c);
        }
    }
    out.push(Piece { text: &text[start..], hyphen, joined });
    out
}

fn token(piece: &Piece<'_>, numbered: bool) -> Token {
    if piece.is_number() {
        let number = Number::new(piece.text);
        return if piece.hyphen { Token::Hyphen(number) } else { Token::Dot(number) };
    }
    match piece.text {
        "alpha" => Token::Before(0),
        "a" if numbered => Token::Before(0),
        "beta" => Token::Before(1),
        "b" if numbered => Token::Before(1),
        "milestone" => Token::Before(2),
        "m" if numbered => Token::Before(2),
        "rc" | "cr" => Token::Before(3),
        "snapshot" => Token::Before(4),
        "final" | "ga" | "release" => Token::Null,
        "sp" => Token::ServicePack,
        word => Token::Word(word.to_owned()),
    }
}

fn trim(tokens: &mut Vec<Token>) {
    let is_null = |t: &Token| match t {
        Token::Null => true,
        Token::Dot(n) | Token::Hyphen(n) => n.is_zero(),
        _ => false,
    };
    while tokens.last().is_some_and(is_null) {
        tokens.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scheme;
    use proptest::prelude::*;
    use std::cmp::Ordering::{Equal, Less};

    #[test]
    fn versions_ascend_as_the_reference_says() {
        let known =
            "1-alpha 1-alpha-1 1-beta 1-milestone 1-rc 1-snapshot 1 1-sp 1-foo2 1-foo10 1-1 1-2 1.1 1.2 1.10";
        for pair in known.split(' ').collect::<Vec<_>>().windows(2) {
            assert_eq!(Scheme::Maven.compare(pair[0], pair[1]), Some(Less), "{pair:?}");
        }
        for same in ["1.ga", "1-ga", "1-0", "1.0", "1", "1.0.0", "1.final", "1.0.0.RELEASE", "1-"] {
            assert_eq!(Scheme::Maven.compare(same, "1"), Some(Equal), "{same}");
        }
        for (a, b) in
            [("1-a1", "1-alpha-1"), ("1.foo", "1-foo"), ("1.0.0-foo.0.0", "1-foo"), ("1-cr2", "1-rc2")]
        {
            assert_eq!(Scheme::Maven.compare(a, b), Some(Equal), "{a} {b}");
        }
        assert_eq!(Scheme::Maven.compare("1-sp-1", "1-ga-1"), Some(Less));
        assert_eq!(Scheme::Maven.compare("1-ga.1", "1-sp.1"), Some(Less));
    }

    #[test]
    fn versions_of_well_known_libraries_ascend() {
        let known = ["2.0-beta9", "2.0-rc1", "2.0", "2.3.1", "2.12.2", "2.15.0", "2.16.0"];
        let netty =
            ["4.1.123.Final", "4.1.124.Final", "4.2.0.Alpha1", "4.2.0.RC1", "4.2.0.Final", "4.2.4.Final"];
        let spring = ["5.2.19.RELEASE", "5.2.20.RELEASE", "5.3.0-M1", "5.3.0-SNAPSHOT", "5.3.0", "5.3.18"];
        for list in [&known[..], &netty[..], &spring[..]] {
            for pair in list.windows(2) {
                assert_eq!(Scheme::Maven.compare(pair[0], pair[1]), Some(Less), "{pair:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in "[0-2a-c.\\-]{0,7}|[0-9]\\.[0-9](\\.Final|-rc1|-sp|-ga\\.1)?", b in "[0-2.\\-]{0,6}(rc|sp|ga|x)?[.\\-]?[0-2]?", c in "[0-2a.\\-]{0,6}") {
            let [a, b, c] = [a, b, c].map(|t| super::parse(&t));
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            if a <= b && b <= c {
                prop_assert!(a <= c);
            }
            prop_assert_eq!(a.cmp(&a), Equal);
        }
    }
}
