//! Findings as annotations of GitHub's checks.

use loadcase_model::Review;

/// One workflow command for each finding.
#[must_use]
pub fn github(review: &Review) -> String {
    let mut out = String::new();
    for finding in &review.findings {
        let command = match finding.severity.as_str() {
            "critical" | "high" => "error",
            "medium" => "warning",
            _ => "notice",
        };
        let place = finding.location.places.first();
        let at = place.map_or(String::new(), |p| format!("file={},line={},", property(&p.path), p.line));
        let text = format!("{}. {}", finding.message, finding.fix);
        out.push_str(&format!(
            "::{command} {at}title={}::{}\n",
            property(finding.rule.as_str()),
            data(&text)
        ));
    }
    out
}

/// Escapes the text of a command; what could steer a terminal is dropped.
fn data(text: &str) -> String {
    let steers = |c: &char| c.is_control() && !matches!(c, '\r' | '\n');
    let text: String = text.chars().filter(|c| !steers(c)).collect();
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_cannot_end_a_command() {
        assert_eq!(property("a,b:c\n"), "a%2Cb%3Ac%0A");
    }
}
