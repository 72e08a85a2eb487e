//! AsyncAPI 2 and 3: which application sends and receives on which channel, as claims.

use crate::extract::Extractor;
use crate::sighting::{ClaimSeen, Seen};
use crate::source::{Sightings, Source};
use crate::yaml::{self, Node};

/// Reads AsyncAPI.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "asyncapi",
    reads: |path| [".yaml", ".yml", ".json"].iter().any(|e| path.ends_with(e)),
    sees: &[],
    extract,
};

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let head: String = source.text.chars().take(2000).collect();
    if source.is_test() || !(head.contains("asyncapi:") || head.contains("\"asyncapi\"")) {
        return;
    }
    let plain = source.text.replace('\t', " ");
    let Some(document) = yaml::document(&plain) else { return };
    if document.get("asyncapi").is_none() {
        return;
    }
    let title = document.at(&["info", "title"]).and_then(Node::text).unwrap_or("application").to_owned();
    let mut flow = |line: usize, sends: bool, channel: &str| {
        let (subject, object) =
            if sends { (title.clone(), channel.to_owned()) } else { (channel.to_owned(), title.clone()) };
        out.add(line, Seen::Claim(ClaimSeen { kind: "flow", subject, object }));
    };
    let channels = document.get("channels").map(Node::pairs).unwrap_or_default();
    for (name, channel) in channels {
        // In version 2 `publish` is what others do to the application.
        for (verb, sends) in [("subscribe", true), ("publish", false)] {
            if let Some(operation) = channel.get(verb) {
                flow(operation.line, sends, name);
            }
        }
    }
    for (_, operation) in document.get("operations").map(Node::pairs).unwrap_or_default() {
        let reference = operation.at(&["channel", "$ref"]).and_then(Node::text).unwrap_or("");
        let id = reference.rsplit('/').next().unwrap_or(reference);
        let channel = channels.iter().find(|(name, _)| name == id);
        let name = channel.and_then(|(_, c)| c.text_of("address")).unwrap_or(id);
        match operation.text_of("action") {
            Some("send") => flow(operation.line, true, name),
            Some("receive") => flow(operation.line, false, name),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::see;

    #[test]
    fn both_versions_tell_who_sends() {
        let two = "asyncapi: 2.6.0\ninfo: {title: Shop}\nchannels:\n  orders.placed:\n    subscribe: {summary: x}\n";
        let three = "asyncapi: 3.0.0\ninfo: {title: Shop}\nchannels:\n  placed: {address: orders.placed}\noperations:\n  take:\n    action: receive\n    channel: {$ref: '#/channels/placed'}\n";
        let claims = |text| -> Vec<String> {
            let seen = see("asyncapi.yaml", text);
            let claim = |s: &crate::sighting::Sighting| match &s.seen {
                Seen::Claim(c) => Some(format!("{}>{}", c.subject, c.object)),
                _ => None,
            };
            seen.iter().filter_map(claim).collect()
        };
        assert_eq!(claims(two), ["Shop>orders.placed"]);
        assert_eq!(claims(three), ["orders.placed>Shop"]);
    }
}
