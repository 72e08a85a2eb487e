//! Constants of text, so that `Paths.ORDERS` of another file can be resolved.

use crate::extract::Extractor;
use crate::extract::java::code::{self, Expr};
use crate::sighting::{Seen, Setting};
use crate::source::{Sightings, Source};

/// Constants.
pub(crate) const EXTRACTOR: Extractor =
    Extractor { id: "java-constants", reads: code::reads, sees: &[], extract };

/// Longest constant that is kept.
const LENGTH: usize = 200;

/// Most constants of one class: beyond it the class is a table of texts.
const MOST: usize = 200;

/// Words in names of constants whose value may be a secret.
const SECRET: &[&str] = &["PASSWORD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PWD"];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if code::is_test(source) {
        return;
    }
    let Some(code) = code::read(source) else { return };
    for class in code.classes.iter().filter(|c| !c.name.is_empty()) {
        for field in class.fields.iter().filter(|f| f.is_static).take(MOST) {
            let Some(Expr::Text(text)) = &field.value else { continue };
            let upper = field.name.to_ascii_uppercase();
            // Addresses, paths and names only: no sentences.
            if text.is_empty()
                || text.len() > LENGTH
                || text.contains(char::is_whitespace)
                || SECRET.iter().any(|w| upper.contains(w))
            {
                continue;
            }
            let key = format!("{}.{}", class.name, field.name);
            let setting = Setting { of: None, profile: None, key, value: text.clone() };
            out.add(field.line, Seen::Setting(setting));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::see;

    #[test]
    fn constants_are_settings_and_secrets_are_not() {
        let text = "class Paths { public static final String ORDERS = \"/orders\"; static final String API_KEY = \"x1y2\"; }";
        let seen = see("Paths.java", text);
        let keys: Vec<&str> = seen
            .iter()
            .filter_map(|s| match &s.seen {
                Seen::Setting(s) => Some(s.key.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(keys, ["Paths.ORDERS"]);
    }
}
