//! Text inside HTML and XML.

use crate::text::clean;

/// Text that stays text, between tags and inside quoted attributes, in HTML and in XML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // The last two characters of a plane are no characters, and XML refuses them.
    for c in clean(text).chars().filter(|c| u32::from(*c) & 0xFFFE != 0xFFFE) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Text as HTML: what stands between backticks is set as code.
pub(crate) fn prose(text: &str) -> String {
    let escaped = escape(text);
    let parts: Vec<&str> = escaped.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped;
    }
    let one = |(i, part): (usize, &&str)| {
        if i % 2 == 1 { format!("<code>{part}</code>") } else { (*part).to_owned() }
    };
    parts.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::{escape, prose};

    #[test]
    fn nothing_ends_a_tag_or_an_attribute() {
        assert_eq!(escape("<b a='x' c=\"y\">&\u{0}\u{1b}"), "&lt;b a=&#39;x&#39; c=&quot;y&quot;&gt;&amp;");
        assert_eq!(prose("`<a>` and ` left"), "`&lt;a&gt;` and ` left");
        assert_eq!(prose("set `a<b`."), "set <code>a&lt;b</code>.");
        assert_eq!(escape("a\u{FFFF}b\u{202E}"), "ab");
    }
}
