//! Files of environment variables: `.env`, `.env.production`, `shop.env`.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::secret::{Secrecy, hidden, is_key, judge, url_hidden};
use crate::sighting::{Seen, Setting};
use crate::source::{Sightings, Source};

/// Reads `.env` files.
pub(super) const EXTRACTOR: Extractor = Extractor { id: "dotenv", reads, sees: &[], extract };

fn reads(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == ".env"
        || name.starts_with(".env.")
        || name.ends_with(".env")
        || name == ".flaskenv"
        || name == "env.example"
}

/// Words of names of examples, which nobody runs with.
const EXAMPLES: &[&str] = &["example", "sample", "template", "dist", "tpl", "defaults"];

/// Most variables of one file.
const MOST: usize = 2000;

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let name = source.name();
    let parts: Vec<&str> = name.split(['.', '-', '_']).filter(|p| !p.is_empty() && *p != "env").collect();
    let example = parts.iter().any(|p| EXAMPLES.contains(p));
    let test = source.is_test() || parts.contains(&"test");
    let profile = match parts.as_slice() {
        _ if example => Some("example".to_owned()),
        [profile, ..] if name.starts_with(".env.") && *profile != "local" => Some((*profile).to_owned()),
        _ => None,
    };
    // Beside a compose file it feeds the compose file, which names who gets it.
    let of_unit = !beside_compose(source);
    for (line, key, value) in variables(source.text) {
        if !example && !test {
            practices(line, key, &value, out);
        }
        let value = hidden(key, &value);
        let setting = |of: Option<String>| {
            Seen::Setting(Setting { of, profile: profile.clone(), key: key.to_owned(), value: value.clone() })
        };
        if of_unit {
            out.add(line, setting(None));
        }
        if !example {
            out.add(line, setting(Some(source.path.to_owned())));
        }
    }
}

fn beside_compose(source: &Source<'_>) -> bool {
    ["docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"]
        .iter()
        .filter_map(|n| source.relative(n))
        .any(|p| source.tree.has(&p))
}

/// Line, key and value of each variable.
fn variables(text: &str) -> impl Iterator<Item = (usize, &str, String)> {
    let one = |(i, raw): (usize, &'_ str)| -> Option<(usize, String, String)> {
        let line = raw.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (key, value) = line.split_once('=')?;
        let key = key.trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if key.is_empty() || !key.chars().all(fits) {
            return None;
        }
        let value = value.trim();
        let quoted = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.split(*q).next());
        let value = quoted.unwrap_or_else(|| value.split(" #").next().unwrap_or(value).trim());
        Some((i + 1, key.to_owned(), value.to_owned()))
    };
    text.lines().enumerate().take(MOST).filter_map(move |(i, raw)| {
        let (line, key, value) = one((i, raw))?;
        // The key as a slice of the text.
        let at = raw.find(&key)?;
        Some((line, raw.get(at..at + key.len())?, value))
    })
}

fn practices(line: usize, key: &str, value: &str, out: &mut Sightings) {
    let mut say = |aspect: Aspect, detail: &str| out.practice(line, aspect, State::Present, key, detail);
    if is_key(key) {
        match judge(value) {
            Secrecy::Harmless => {}
            Secrecy::Literal => say(Aspect::LiteralSecret, "literal value"),
            Secrecy::Default => {
                say(Aspect::LiteralSecret, "literal value");
                say(Aspect::DefaultCredentials, "a value everybody tries first");
            }
        }
    } else if url_hidden(value).is_some() {
        say(Aspect::LiteralSecret, "literal password in an address");
    }
    let on = matches!(value, "true" | "True" | "1");
    if on && matches!(key, "DEBUG" | "APP_DEBUG" | "FLASK_DEBUG" | "DJANGO_DEBUG") {
        say(Aspect::DebugSurface, "debugging is on");
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, see, see_all};

    #[test]
    fn variables_are_for_the_unit_and_for_who_names_the_file() {
        let seen =
            see("api/.env", "# x\nexport DB_HOST=\"db\" \nDB_PASSWORD=hunter22 # c\nURL=http://x/${P}\n");
        let settings: Vec<String> = seen
            .iter()
            .filter_map(|s| match &s.seen {
                Seen::Setting(s) => Some(format!("{:?} {}={}", s.of.as_deref(), s.key, s.value)),
                _ => None,
            })
            .collect();
        assert_eq!(settings.len(), 6);
        assert_eq!(settings[..2], ["None DB_HOST=db", "Some(\"api/.env\") DB_HOST=db"]);
        assert_eq!(practices(&seen), ["LiteralSecret Present DB_PASSWORD"]);
        assert!(!format!("{seen:?}").contains("hunter22"));
    }

    #[test]
    fn examples_tell_no_secrets_and_compose_takes_its_own() {
        assert!(practices(&see(".env.example", "API_KEY=abcdef123\n")).is_empty());
        let seen = see_all(&[("compose.yml", "services: {}\n"), (".env", "A=b\n")]);
        let count = seen.iter().filter(|s| matches!(s.seen, Seen::Setting(_))).count();
        assert_eq!(count, 1);
    }
}
