//! `serverless.yml`: functions, what they answer to and consume.

use std::collections::BTreeMap;

use loadcase_model::{Aspect, ComponentKind, State};

use super::cloudformation;
use super::container::About;
use crate::extract::Extractor;
use crate::sighting::{Deployed, Endpoint, Platform, Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::template::placeholder;
use crate::yaml::{self, Node, Value};

/// Reads `serverless.yml`.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "serverless",
    reads: |path| {
        let name = path.rsplit('/').next().unwrap_or(path);
        matches!(name, "serverless.yml" | "serverless.yaml")
    },
    sees: &[Aspect::Authentication, Aspect::ResourceLimit, Aspect::GrantedRights, Aspect::DeadLetter],
    extract,
};

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let Some(root) = yaml::document(source.text) else { return };
    let Some(functions) = root.get("functions") else { return };
    let known: BTreeMap<String, String> =
        root.flat().into_iter().map(|(path, value, _)| (path, value.to_owned())).collect();
    let provider = root.get("provider");
    for (name, function) in functions.pairs() {
        one(source, name, function, provider, &known, out);
    }
    if let Some(resources) = root.at(&["resources", "Resources"]) {
        cloudformation::template(resources, None, None, out);
    }
    rights(provider, out);
}

fn one(
    source: &Source<'_>,
    name: &str,
    function: &Node,
    provider: Option<&Node>,
    known: &BTreeMap<String, String>,
    out: &mut Sightings,
) {
    let until = function.flat().iter().map(|(_, _, line)| *line).max().unwrap_or(function.line);
    let setting = |key: &str| function.get(key).or_else(|| provider.and_then(|p| p.get(key)));
    let memory: Option<f64> = setting("memorySize").and_then(Node::text).and_then(|m| m.parse().ok());
    let handler = function.text_of("handler").map(str::to_owned);
    let mut deployed = Deployed {
        name: name.to_owned(),
        platform: Some(Platform::CloudFormation),
        kind: Some(ComponentKind::Function),
        technology: Some("functions".to_owned()),
        build: Some(source.folder().to_owned()),
        memory_gb: memory.map(|m| m / 1024.0),
        managed: true,
        hosts: function.text_of("name").filter(|n| !n.contains('$')).map(str::to_owned).into_iter().collect(),
        ..Deployed::default()
    };
    let mut about = About { out, of: Some(name) };
    for group in
        [provider.and_then(|p| p.get("environment")), function.get("environment")].into_iter().flatten()
    {
        for (key, node) in group.pairs() {
            let value = resolved(node, known);
            let value = about.variable(key, &value, node.line);
            deployed.env.push((key.clone(), value, node.line));
        }
    }
    if let Some(node) = setting("timeout") {
        let detail = format!("{} s for one run", node.text().unwrap_or("?"));
        about.practice(node.line, Aspect::Timeout, State::Present, "run", detail);
    }
    if function.get("deadLetter").is_some() || function.get("onError").is_some() {
        about.practice(function.line, Aspect::DeadLetter, State::Present, name, "a dead-letter target");
    }
    out.span(function.line, until, Seen::Deployed(Box::new(deployed)));
    for event in function.get("events").map(Node::list).unwrap_or_default() {
        for (kind, value) in event.pairs() {
            self::event(name, kind, value, handler.as_deref(), known, out);
        }
    }
}

fn event(
    name: &str,
    kind: &str,
    value: &Node,
    handler: Option<&str>,
    known: &BTreeMap<String, String>,
    out: &mut Sightings,
) {
    match kind {
        "http" | "httpApi" => {
            let short = value.text().and_then(|t| t.split_once(' '));
            let method = value.text_of("method").or(short.map(|(m, _)| m)).map(str::to_ascii_uppercase);
            let Some(path) = value.text_of("path").or(short.map(|(_, p)| p)) else { return };
            let path = format!("/{}", path.trim_start_matches('/')).replace("+}", "}");
            let endpoint = Endpoint {
                of: Some(name.to_owned()),
                method: method.filter(|m| m != "ANY" && m != "*"),
                path: path.clone(),
                handler: handler.map(str::to_owned),
                ..Endpoint::default()
            };
            out.add(value.line, Seen::Endpoint(endpoint));
            let kept = value.get("authorizer").is_some() || value.get("private").is_some_and(Node::is_true);
            let (state, detail) =
                if kept { (State::Present, "an authorizer") } else { (State::Absent, "no authorizer") };
            About { out, of: Some(name) }.practice(value.line, Aspect::Authentication, state, path, detail);
        }
        "sqs" | "sns" | "stream" | "kafka" | "msk" | "rabbitmq" | "activemq" | "eventBridge" => {
            let text = ["arn", "queue", "topic", "eventBus", "topicName"]
                .iter()
                .find_map(|k| value.get(k))
                .unwrap_or(value);
            let text = resolved(text, known);
            let target = text.rsplit([':', '/']).next().unwrap_or(&text).to_owned();
            let mut reach = Reach::new(ReachKind::Consume, target, "");
            reach.of = Some(name.to_owned());
            reach.technology = match kind {
                "stream" => Some(if text.contains("dynamodb") { "dynamodb" } else { "kinesis" }.to_owned()),
                "msk" => Some("kafka".to_owned()),
                other => Some(other.to_ascii_lowercase()),
            };
            out.add(value.line, Seen::Reach(Box::new(reach)));
        }
        _ => {}
    }
}

/// Rights that all functions are given.
fn rights(provider: Option<&Node>, out: &mut Sightings) {
    let Some(provider) = provider else { return };
    let statements = provider
        .get("iamRoleStatements")
        .or_else(|| provider.at(&["iam", "role", "statements"]))
        .map(Node::list)
        .unwrap_or_default();
    for statement in statements {
        let actions = statement.get("Action").map(Node::list).unwrap_or_default();
        let wild = actions.iter().find(|a| a.text().is_some_and(|t| t == "*" || t.ends_with(":*")));
        let (state, detail) = match wild {
            Some(node) => (State::Weak, node.text().unwrap_or("").to_owned()),
            None => (State::Present, "named actions".to_owned()),
        };
        out.practice(statement.line, Aspect::GrantedRights, state, "provider", detail);
    }
}

/// A value with its variables in the one form: `${env:X, 'd'}` is `${X:d}`, `${self:a.b}` what stands there.
fn resolved(node: &Node, known: &BTreeMap<String, String>) -> String {
    let text = match &node.value {
        Value::Scalar(text) => text.clone(),
        // `Fn::GetAtt: [Queue, Arn]`, `Ref: Queue`
        _ => node.flat().first().map(|(_, value, _)| (*value).to_owned()).unwrap_or_default(),
    };
    let mut out = String::new();
    let mut rest = text.as_str();
    let mut left = 16;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((inside, tail)) = after.split_once('}') else {
            rest = after;
            break;
        };
        let (head, default) = inside
            .split_once(',')
            .map_or((inside, None), |(h, d)| (h, Some(d.trim().trim_matches(['\'', '"']))));
        match head.trim().split_once(':') {
            Some(("env", key)) => out.push_str(&placeholder(key, default)),
            Some(("self", path)) => match known.get(path).filter(|v| !v.contains("${")) {
                Some(value) => out.push_str(value),
                None => out.push_str(default.unwrap_or(&format!("{{{path}}}"))),
            },
            _ => out.push_str(&format!("{{{}}}", head.trim())),
        }
        rest = tail;
        left -= 1;
        if left == 0 {
            break;
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use crate::testing::{endpoints, practices, reaches, see};

    #[test]
    fn functions_answer_and_consume() {
        let seen = see(
            "serverless.yml",
            "service: shop\ncustom:\n  q: jobs\nprovider:\n  name: aws\n  environment:\n    DB: ${env:DB_HOST, 'db'}\n  iamRoleStatements:\n    - Effect: Allow\n      Action: ['dynamodb:*']\n      Resource: '*'\nfunctions:\n  orders:\n    handler: src/orders.get\n    events:\n      - http: GET orders/{id}\n      - httpApi:\n          path: /orders\n          method: post\n          authorizer: jwt\n  worker:\n    handler: src/worker.run\n    events:\n      - sqs: arn:aws:sqs:eu:1:${self:custom.q}\n",
        );
        assert_eq!(endpoints(&seen), ["GET /orders/{id}", "POST /orders"]);
        assert_eq!(reaches(&seen), ["Consume jobs"]);
        assert!(format!("{seen:?}").contains("${DB_HOST:db}"));
        let practices = practices(&seen);
        assert!(practices.contains(&"Authentication Absent /orders/{id}".to_owned()), "{practices:?}");
        assert!(practices.contains(&"GrantedRights Weak provider".to_owned()), "{practices:?}");
    }
}
