//! Protocol buffers and GraphQL: what can be asked, as claims; amounts as binary floats.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::contract::fields;
use crate::sighting::{ClaimSeen, Seen};
use crate::source::{Sightings, Source};

/// Reads `.proto`.
pub(crate) const PROTO: Extractor = Extractor {
    id: "proto",
    reads: |path| path.ends_with(".proto"),
    sees: &[Aspect::MoneyAsFloat],
    extract: proto,
};

/// Reads GraphQL schemas.
pub(crate) const GRAPHQL: Extractor = Extractor {
    id: "graphql",
    reads: |path| [".graphql", ".graphqls", ".gql"].iter().any(|e| path.ends_with(e)),
    sees: &[Aspect::MoneyAsFloat],
    extract: graphql,
};

/// Lines without comments, with their numbers.
fn lines<'a>(text: &'a str, comment: &'static str) -> impl Iterator<Item = (usize, &'a str)> {
    let mut block = false;
    text.lines().enumerate().filter_map(move |(i, line)| {
        if block {
            block = !line.contains("*/");
            return None;
        }
        if line.trim_start().starts_with("/*") {
            block = !line.contains("*/");
            return None;
        }
        let line = line.split(comment).next().unwrap_or("").trim();
        (!line.is_empty()).then_some((i + 1, line))
    })
}

fn proto(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() {
        return;
    }
    let (mut package, mut service, mut message) = (String::new(), None::<String>, String::new());
    for (number, line) in lines(source.text, "//") {
        let words: Vec<&str> = line
            .split(|c: char| c.is_whitespace() || matches!(c, '{' | ';' | '(' | '='))
            .filter(|w| !w.is_empty())
            .collect();
        match words.as_slice() {
            ["package", name, ..] => package = format!("{name}."),
            ["service", name, ..] => service = Some((*name).to_owned()),
            ["message", name, ..] => message = (*name).to_owned(),
            ["rpc", name, ..] => {
                if let Some(service) = &service {
                    let subject = format!("/{package}{service}/{name}");
                    out.add(
                        number,
                        Seen::Claim(ClaimSeen { kind: "endpoint", subject, object: String::new() }),
                    );
                }
            }
            ["optional" | "repeated", kind, name, ..] | [kind, name, ..]
                if matches!(*kind, "double" | "float") && fields::is_money(name) =>
            {
                out.practice(
                    number,
                    Aspect::MoneyAsFloat,
                    State::Present,
                    format!("{message}.{name}"),
                    *kind,
                );
            }
            _ => {}
        }
    }
}

fn graphql(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() {
        return;
    }
    let mut within = String::new();
    for (number, line) in lines(source.text, "#") {
        let line = line.strip_prefix("extend ").unwrap_or(line);
        let words: Vec<&str> =
            line.split(|c: char| c.is_whitespace() || c == '{').filter(|w| !w.is_empty()).collect();
        if let ["type" | "interface" | "input", name, ..] = words.as_slice() {
            within = (*name).to_owned();
            continue;
        }
        if line.starts_with('}') {
            within.clear();
        }
        let Some((name, kind)) = line.split_once(':') else { continue };
        let name = name.split('(').next().unwrap_or(name).trim();
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !is_name {
            continue;
        }
        match within.as_str() {
            "Query" | "Mutation" | "Subscription" => {
                let subject = format!("{within}.{name}");
                out.add(number, Seen::Claim(ClaimSeen { kind: "endpoint", subject, object: String::new() }));
            }
            "" => {}
            _ if kind.trim().starts_with("Float") && fields::is_money(name) => {
                out.practice(
                    number,
                    Aspect::MoneyAsFloat,
                    State::Present,
                    format!("{within}.{name}"),
                    "Float",
                );
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::{Seen, Sighting};
    use crate::testing::{practices, see};

    fn claims(seen: &[Sighting]) -> Vec<String> {
        let claim = |s: &Sighting| match &s.seen {
            Seen::Claim(c) => Some(c.subject.clone()),
            _ => None,
        };
        seen.iter().filter_map(claim).collect()
    }

    #[test]
    fn services_and_root_types_are_claims() {
        let proto = "package shop.v1;\n// rpc No(A) returns (B);\nservice Carts {\n  rpc Get(Id) returns (stream Cart) {}\n}\nmessage Cart { \n  double total_price = 1;\n}\n";
        let seen = see("a.proto", proto);
        assert_eq!(claims(&seen), ["/shop.v1.Carts/Get"]);
        assert_eq!(practices(&seen), ["MoneyAsFloat Present Cart.total_price"]);
        let seen = see(
            "s.graphqls",
            "type Query {\n  books(limit: Int): [Book]\n}\ntype Book {\n  price: Float!\n}\n",
        );
        assert_eq!(claims(&seen), ["Query.books"]);
        assert_eq!(practices(&seen), ["MoneyAsFloat Present Book.price"]);
    }
}
