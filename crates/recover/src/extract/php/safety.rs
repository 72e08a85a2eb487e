//! What PHP shows of secrets, call-backs, passwords and logs.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use super::module::{Php, is_php, read};
use crate::extract::Extractor;
use crate::extract::javascript::words::CARD;
use crate::secret;
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads them.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "php-safety",
    reads: is_php,
    sees: &[
        Aspect::LiteralSecret,
        Aspect::DefaultCredentials,
        Aspect::WebhookSignature,
        Aspect::WebhookDeduplication,
        Aspect::PasswordHashing,
        Aspect::Cors,
        Aspect::DebugSurface,
        Aspect::Logging,
        Aspect::CardData,
        Aspect::ConcurrencyGuard,
    ],
    extract,
};

/// Words of code that remembers which events it has handled.
const ONCE: &[&str] = &[
    "eventid",
    "event_id",
    "webhookid",
    "webhook_id",
    "isprocessed",
    "alreadyprocessed",
    "already_processed",
    "idempot",
    "dedup",
    "processedevent",
    "insert ignore",
    "on duplicate key",
];

/// Words of code that keeps two runs apart.
const GUARDS: &[&str] = &[
    "lock",
    "for update",
    "transaction",
    "mutex",
    "semaphore",
    "get_lock",
    "idempot",
    "on duplicate key",
    "insert ignore",
    "alreadyexists",
    "hasorder",
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    read(source, |php| {
        let mut cards: Vec<String> = Vec::new();
        let lower = php.text.to_ascii_lowercase();
        // The last digits alone are no card data.
        let masked = ["last_digits", "lastdigits", "last4", "last_four", "lastfour", "####", "xxxx"]
            .iter()
            .any(|w| lower.contains(w));
        for node in php.nodes.iter().copied() {
            secret(php, node, out);
            if node.kind() == "method_declaration" {
                handler(source, php, &lower, node, out);
            }
            if node.kind() != "variable_name" {
                continue;
            }
            let name = php.of(node).trim_start_matches('$').to_ascii_lowercase();
            if !masked && CARD.contains(&name.as_str()) && !cards.contains(&name) {
                out.practice(
                    syntax::line(node),
                    Aspect::CardData,
                    State::Present,
                    name.clone(),
                    name.clone(),
                );
                cards.push(name);
            }
        }
        words(php, out);
    });
}

/// A value given to a name that holds secrets.
fn secret<'t>(php: &Php<'t>, node: Node<'t>, out: &mut Sightings) {
    let (name, value) = match node.kind() {
        "array_element_initializer" => match syntax::children(node).as_slice() {
            [name, value] => (php.literal(*name), *value),
            _ => return,
        },
        "assignment_expression" => match (syntax::field(node, "left"), syntax::field(node, "right")) {
            (Some(left), Some(right)) => (php.of(left), right),
            _ => return,
        },
        "const_element" => match (node.named_child(0), node.named_child(1)) {
            (Some(name), Some(value)) => (php.of(name), value),
            _ => return,
        },
        _ => match php.call(node) {
            Some(("setParameter" | "define" | "putenv", arguments)) if arguments.len() == 2 => {
                (php.literal(arguments[0]), arguments[1])
            }
            _ => return,
        },
    };
    let name = name.rsplit("->").next().unwrap_or(name).trim_start_matches('$');
    let literal = php.literal(value);
    if matches!(value.kind(), "string" | "encapsed_string") {
        let secrecy = secret::judge_literal(name, literal);
        secret::tell(secrecy, name, "literal value", syntax::line(value), out);
    }
}

/// Methods that handle call-backs of providers, and that create orders from two sides.
fn handler<'t>(source: &Source<'_>, php: &Php<'t>, lower: &str, method: Node<'t>, out: &mut Sightings) {
    let name = syntax::field_text(method, "name", php.text).unwrap_or("").to_ascii_lowercase();
    let works = [
        "process",
        "handle",
        "dispatch",
        "execute",
        "postprocess",
        "__invoke",
        "webhook",
        "notify",
        "ipn",
        "callback",
    ]
    .contains(&name.as_str());
    let file = source.name().to_ascii_lowercase();
    let Some(body) = syntax::field(method, "body").filter(|_| works) else { return };
    let text = php.of(body).to_ascii_lowercase();
    let (line, until) = (syntax::line(method), syntax::last_line(method));
    let is_callback = ["webhook", "ipn", "notification", "callback"].iter().any(|w| file.contains(w))
        && !["interface", "exception", "validator", "provider", "configuration"]
            .iter()
            .any(|w| file.contains(w));
    if is_callback && until > line + 5 {
        let once = ONCE.iter().find(|w| lower.contains(**w));
        let (state, detail) = match once {
            Some(word) => (State::Present, format!("the handler knows {word}")),
            None => (State::Absent, "the event's identifier is not remembered".to_owned()),
        };
        out.practice(line, Aspect::WebhookDeduplication, state, source.name(), detail);
        let reads_input = [
            "php://input",
            "getcontent()",
            "getbodycontent",
            "file_get_contents",
            "$_post",
            "$_server",
            "getpayload",
        ]
        .iter()
        .any(|w| text.contains(w));
        let signed = [
            "signature",
            "hash_equals",
            "hash_hmac",
            "openssl_verify",
            "constructevent",
            "verify",
            "authenticate",
            "checksignature",
        ]
        .iter()
        .any(|w| text.contains(w));
        if reads_input || signed {
            let state = if signed { State::Present } else { State::Absent };
            let detail =
                if signed { "a signature or secret is checked" } else { "nothing checks a signature" };
            out.practice(line, Aspect::WebhookSignature, state, source.name(), detail);
        }
    }
    let creates = file.contains("order")
        && ["create", "validate", "place"].iter().any(|w| file.contains(w))
        && !file.contains("interface");
    if creates
        && ["validateorder", "createorder", "->save(", "->add(", "->persist(", "insert into"]
            .iter()
            .any(|w| text.contains(w))
    {
        let guarded = GUARDS.iter().any(|w| text.contains(w));
        let state = if guarded { State::Present } else { State::Absent };
        let detail =
            if guarded { "runs are kept apart" } else { "two runs at once would both create the order" };
        out.practice(line, Aspect::ConcurrencyGuard, state, "order", detail);
    }
}

/// What single words tell of the whole file, at their first line.
fn words(php: &Php<'_>, out: &mut Sightings) {
    const WORDS: &[(&str, Aspect, State, &str)] = &[
        ("password_hash(", Aspect::PasswordHashing, State::Present, "password_hash"),
        ("phpinfo()", Aspect::DebugSurface, State::Present, "phpinfo shows the whole configuration"),
        ("Access-Control-Allow-Origin: *", Aspect::Cors, State::Weak, "any origin"),
        ("'Access-Control-Allow-Origin' => '*'", Aspect::Cors, State::Weak, "any origin"),
        ("Psr\\Log\\LoggerInterface", Aspect::Logging, State::Present, "a logger is in use"),
        ("Monolog\\", Aspect::Logging, State::Present, "Monolog is in use"),
    ];
    for (word, aspect, state, detail) in WORDS {
        if let Some(at) = php.text.find(word) {
            let line = php.text.get(..at).map_or(1, |t| t.matches('\n').count() + 1);
            out.practice(line, *aspect, *state, "", *detail);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    #[test]
    fn call_backs_that_remember_nothing() {
        let seen = see(
            "pay/src/WebhookProcessor.php",
            "<?php\nclass WebhookProcessor {\n  public function process($request) {\n    $order = $request->order();\n\n\n\n    \
             $this->events->dispatch($order);\n    return true;\n  }\n}\n$secret = 'A1b2C3d4';\n",
        );
        let practices = practices(&seen);
        assert!(
            practices.contains(&"WebhookDeduplication Absent WebhookProcessor.php".to_owned()),
            "{practices:?}"
        );
        assert!(practices.contains(&"LiteralSecret Present secret".to_owned()));
    }
}
