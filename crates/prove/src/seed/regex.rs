//! Text that matches a simple regular expression: classes, literals and counts in a row.

/// Longest text made for an open count.
const SOME: usize = 6;

/// An expression for text that matches `pattern`; `hex` is an expression of 32 hexadecimal digits. None when the
/// pattern is more than classes, literals and counts.
pub(crate) fn matching(pattern: &str, hex: &str) -> Option<String> {
    let mut chars: Vec<char> = pattern.chars().collect();
    if chars.first() == Some(&'^') {
        chars.remove(0);
    }
    if chars.last() == Some(&'$') {
        chars.pop();
    }
    let mut parts = Vec::new();
    let mut used = 0;
    let mut at = 0;
    while at < chars.len() {
        let (class, next) = class(&chars, at)?;
        let (count, next) = count(&chars, next)?;
        at = next;
        if class.len() == 1 {
            parts.push(crate::session::literal(&class[0].to_string().repeat(count)));
            continue;
        }
        // Sixteen digits become sixteen members of the class; a smaller class repeats its own.
        let place = |i: usize| if class.len() < 16 { i % class.len() } else { i * class.len() / 16 };
        let members: String = (0..16).map(|i| class[place(i)]).collect();
        let mut left = count;
        while left > 0 {
            let take = left.min(32 - used);
            parts.push(format!(
                "translate(substr({hex}, {}, {take}), '0123456789abcdef', {})",
                used + 1,
                crate::session::literal(&members)
            ));
            left -= take;
            used = (used + take) % 32;
        }
    }
    (!parts.is_empty()).then(|| format!("({})", parts.join(" || ")))
}

/// The characters one place may hold.
fn class(chars: &[char], at: usize) -> Option<(Vec<char>, usize)> {
    match chars[at] {
        '[' => {
            let end = (at + 1..chars.len()).find(|i| chars[*i] == ']')?;
            Some((members(&chars[at + 1..end])?, end + 1))
        }
        '\\' => Some((escaped(*chars.get(at + 1)?)?, at + 2)),
        '.' => Some((('a'..='p').collect(), at + 1)),
        '(' | ')' | '|' | '*' | '+' | '?' | '{' | '}' | '^' | '$' | ']' => None,
        c => Some((vec![c], at + 1)),
    }
}

fn escaped(c: char) -> Option<Vec<char>> {
    match c {
        'd' => Some(('0'..='9').collect()),
        'w' => Some(('a'..='p').collect()),
        c if c.is_alphanumeric() => None,
        c => Some(vec![c]),
    }
}

fn members(inside: &[char]) -> Option<Vec<char>> {
    let mut found = Vec::new();
    let mut at = 0;
    if inside.first() == Some(&'^') || inside.first() == Some(&':') {
        return None;
    }
    while at < inside.len() {
        if inside[at] == '\\' {
            found.extend(escaped(*inside.get(at + 1)?)?);
            at += 2;
        } else if inside.get(at + 1) == Some(&'-') && at + 2 < inside.len() {
            found.extend(inside[at]..=inside[at + 2]);
            at += 3;
        } else {
            found.push(inside[at]);
            at += 1;
        }
    }
    found.retain(|c| *c != '-' || inside.len() == 1);
    (!found.is_empty()).then_some(found)
}

fn count(chars: &[char], at: usize) -> Option<(usize, usize)> {
    match chars.get(at) {
        Some('+' | '*') => Some((SOME, at + 1)),
        Some('?') => Some((1, at + 1)),
        Some('{') => {
            let end = (at..chars.len()).find(|i| chars[*i] == '}')?;
            let text: String = chars[at + 1..end].iter().collect();
            let (low, high) = text.split_once(',').unwrap_or((&text, &text));
            let low: usize = low.parse().ok()?;
            let high = high.parse().unwrap_or(low.max(SOME));
            Some((low.max(high.min(12)).clamp(1, 200), end + 1))
        }
        _ => Some((1, at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_patterns_become_expressions() {
        let made = matching("^[A-Z]{3}$", "h").expect("simple");
        assert_eq!(made, "(translate(substr(h, 1, 3), '0123456789abcdef', 'ABDEGIJLNOQRTVWY'))");
        assert_eq!(matching("^ab-\\.$", "h").as_deref(), Some("('a' || 'b' || '-' || '.')"));
        assert!(matching("^(a|b)$", "h").is_none());
    }
}
