//! What a check constraint asks of the value of one column.

/// What values a column may take, as far as its checks could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bounds {
    /// One of these.
    pub(crate) words: Vec<String>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) shortest: Option<usize>,
    pub(crate) longest: Option<usize>,
    /// A regular expression the value matches.
    pub(crate) pattern: Option<String>,
    pub(crate) lower: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Number(f64),
    Sign(String),
}

impl Bounds {
    /// Takes a condition in; `false` when a part of it is not understood, which then counts as not read.
    pub(crate) fn read(&mut self, column: &str, condition: &str) -> bool {
        let Some(tokens) = tokens(condition) else { return false };
        let is = |t: &Token, word: &str| matches!(t, Token::Word(w) if w.eq_ignore_ascii_case(word));
        // `OR x IS NULL` and the like only widen what is allowed.
        let mut parts = tokens.split(|t| is(t, "and"));
        let mut next = self.clone();
        let all = parts.all(|part| next.one(column, part));
        if all {
            *self = next;
        }
        all
    }

    fn one(&mut self, column: &str, part: &[Token]) -> bool {
        use Token::{Number, Sign, Text, Word};
        let own = |w: &String| w == column;
        match part {
            [Word(c), Sign(eq), Word(any), Word(array), rest @ ..]
                if own(c) && eq == "=" && any == "any" && array == "array" =>
            {
                self.words = rest
                    .iter()
                    .filter_map(|t| match t {
                        Text(text) => Some(text.clone()),
                        Number(n) => Some(n.to_string()),
                        _ => None,
                    })
                    .collect();
                !self.words.is_empty()
            }
            [Word(c), Sign(eq), Text(text)] if own(c) && eq == "=" => {
                self.words = vec![text.clone()];
                true
            }
            [Word(c), Sign(eq), Word(lower), Word(again)]
                if own(c) && own(again) && eq == "=" && lower == "lower" =>
            {
                self.lower = true;
                true
            }
            [Word(c), Sign(like), Text(pattern)] if own(c) && like == "~" => {
                self.pattern = Some(pattern.clone());
                true
            }
            [Word(c), Sign(sign), Number(n)] if own(c) => self.number(sign, *n),
            [Word(f), Word(c), Sign(sign), Number(n)]
                if own(c)
                    && matches!(
                        f.as_str(),
                        "char_length" | "length" | "octet_length" | "character_length"
                    ) =>
            {
                self.length(sign, *n)
            }
            [Word(f), Word(c), Sign(eq), Text(kind)] if own(c) && f == "jsonb_typeof" && eq == "=" => {
                kind == "object"
            }
            [Word(c), Word(is), Word(not), Word(null)] if own(c) => {
                is == "is" && not == "not" && null == "null"
            }
            _ => false,
        }
    }

    fn number(&mut self, sign: &str, n: f64) -> bool {
        match sign {
            ">=" => self.min = Some(n),
            ">" => self.min = Some(n + 1.0),
            "<=" => self.max = Some(n),
            "<" => self.max = Some(n - 1.0),
            "=" => (self.min, self.max) = (Some(n), Some(n)),
            "<>" => self.min = self.min.or(Some(n + 1.0)),
            _ => return false,
        }
        true
    }

    fn length(&mut self, sign: &str, n: f64) -> bool {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a length in a check is small"
        )]
        let n = n.clamp(0.0, 1e9) as usize;
        match sign {
            ">=" => self.shortest = Some(n),
            ">" => self.shortest = Some(n + 1),
            "<=" => self.longest = Some(n),
            "<" => self.longest = Some(n.saturating_sub(1)),
            "=" => (self.shortest, self.longest) = (Some(n), Some(n)),
            _ => return false,
        }
        true
    }
}

/// The parts of a condition without parentheses, brackets, commas and casts; none when it cannot be read.
fn tokens(condition: &str) -> Option<Vec<Token>> {
    let chars: Vec<char> = condition.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        match c {
            '\'' => {
                let (text, next) = quoted(&chars, at, '\'')?;
                found.push(Token::Text(text));
                at = next;
            }
            '"' => {
                let (text, next) = quoted(&chars, at, '"')?;
                found.push(Token::Word(text));
                at = next;
            }
            ':' if chars.get(at + 1) == Some(&':') => at = cast(&chars, at + 2, &mut found),
            c if c.is_ascii_digit() || c == '-' && chars.get(at + 1).is_some_and(char::is_ascii_digit) => {
                let end = (at + 1..chars.len())
                    .find(|i| !(chars[*i].is_ascii_digit() || chars[*i] == '.'))
                    .unwrap_or(chars.len());
                found.push(Token::Number(chars[at..end].iter().collect::<String>().parse().ok()?));
                at = end;
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = (at..chars.len())
                    .find(|i| !(chars[*i].is_alphanumeric() || chars[*i] == '_'))
                    .unwrap_or(chars.len());
                found.push(Token::Word(lowered(&chars[at..end])));
                at = end;
            }
            '<' | '>' | '=' | '~' | '!' | '*' | '+' | '/' | '%' | '@' | '&' | '|' | '?' | '#' | '-' => {
                let end =
                    (at..chars.len()).find(|i| !"<>=~!*+/%@&|?#-".contains(chars[*i])).unwrap_or(chars.len());
                found.push(Token::Sign(chars[at..end].iter().collect()));
                at = end;
            }
            _ => at += 1,
        }
    }
    Some(found)
}

fn lowered(chars: &[char]) -> String {
    chars.iter().collect::<String>().to_lowercase()
}

/// A quoted text and where it ends.
fn quoted(chars: &[char], from: usize, mark: char) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut at = from + 1;
    loop {
        let c = *chars.get(at)?;
        if c != mark {
            text.push(c);
            at += 1;
        } else if chars.get(at + 1) == Some(&mark) {
            text.push(mark);
            at += 2;
        } else {
            return Some((text, at + 1));
        }
    }
}

/// Skips the name of a type; a number in quotes becomes one.
fn cast(chars: &[char], from: usize, found: &mut [Token]) -> usize {
    let mut end = from;
    let name = |end: &mut usize| {
        while chars.get(*end).is_some_and(|c| c.is_alphanumeric() || *c == '_' || *c == '.' || *c == '"') {
            *end += 1;
        }
    };
    name(&mut end);
    let mut kind: String = chars[from..end].iter().collect();
    for (first, rest) in [
        ("character", " varying"),
        ("double", " precision"),
        ("timestamp", " with time zone"),
        ("timestamp", " without time zone"),
    ] {
        let follows: String = chars[end..].iter().take(rest.len()).collect();
        if kind == first && follows == rest {
            end += rest.len();
            kind.push_str(rest);
        }
    }
    if chars.get(end) == Some(&'(') {
        end = (end..chars.len()).find(|i| chars[*i] == ')').map_or(chars.len(), |i| i + 1);
    }
    if chars.get(end) == Some(&'[') {
        end = (end + 2).min(chars.len());
    }
    let numeric =
        ["bigint", "integer", "smallint", "numeric", "double precision", "real"].contains(&kind.as_str());
    if let (true, Some(last)) = (numeric, found.last_mut())
        && let Token::Text(text) = last
        && let Ok(number) = text.parse()
    {
        *last = Token::Number(number);
    }
    end
}

/// Values that a partial index singles out: the column, and the constant or its absence.
pub(crate) fn singled_out(condition: &str) -> Vec<(String, Option<String>)> {
    let Some(tokens) = tokens(condition) else { return Vec::new() };
    let is = |t: &Token| matches!(t, Token::Word(w) if w == "and");
    tokens
        .split(is)
        .filter_map(|part| match part {
            [Token::Word(c), Token::Sign(eq), Token::Text(text)] if eq == "=" => {
                Some((c.clone(), Some(text.clone())))
            }
            [Token::Word(c), Token::Word(is), Token::Word(null)] if is == "is" && null == "null" => {
                Some((c.clone(), None))
            }
            [Token::Word(not), Token::Word(c)] if not == "not" => Some((c.clone(), Some("false".to_owned()))),
            [Token::Word(c)] => Some((c.clone(), Some("true".to_owned()))),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_read_as_the_server_prints_them() {
        let mut bounds = Bounds::default();
        assert!(bounds.read("status", "(status = ANY (ARRAY['open'::text, 'it''s'::text]))"));
        assert_eq!(bounds.words, ["open", "it's"]);
        let mut bounds = Bounds::default();
        assert!(bounds.read("email", "((char_length(email) <= 320) AND (email = lower(email)))"));
        assert!(bounds.lower && bounds.longest == Some(320));
        assert!(bounds.read("email", "((email)::text ~ '^[a-z]+@'::text)"));
        assert_eq!(bounds.pattern.as_deref(), Some("^[a-z]+@"));
        let mut bounds = Bounds::default();
        assert!(bounds.read("amount", "((amount > 0) AND (amount <= '5000'::bigint))"));
        assert_eq!((bounds.min, bounds.max), (Some(1.0), Some(5000.0)));
        let mut bounds = Bounds::default();
        assert!(bounds.read(
            "Order",
            "((\"Order\")::character varying(20) = ANY ((ARRAY['a'::character varying])::text[]))"
        ));
        assert_eq!(bounds.words, ["a"]);
    }

    #[test]
    fn what_is_not_understood_changes_nothing() {
        let mut bounds = Bounds::default();
        for condition in ["((a > 1) OR (b > 2))", "((ends > starts) AND (ends > 4))", "(a = 'x"] {
            assert!(!bounds.read("a", condition), "{condition}");
            assert_eq!(bounds, Bounds::default());
        }
    }

    #[test]
    fn conditions_of_partial_indexes_tell_what_is_rare() {
        let found = singled_out("((status = 'open'::text) AND (sent_at IS NULL))");
        assert_eq!(found, [("status".to_owned(), Some("open".to_owned())), ("sent_at".to_owned(), None)]);
        assert_eq!(singled_out("(NOT read)"), [("read".to_owned(), Some("false".to_owned()))]);
    }
}
