//! Queues, topics and who consumes from them.

use loadcase_model::{Aspect, State};

use super::{About, Ask, Resource, kinds, name_of};
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::Sightings;
use crate::yaml::Node;

/// Tells of dead letters and of subscriptions.
pub(super) fn resource(resource: &Resource<'_>, out: &mut Sightings) {
    dead_letters(resource, out);
    let body = resource.body;
    match resource.of {
        "aws_lambda_event_source_mapping" => {
            let target =
                ["event_source_arn", "self_managed_event_source"].iter().find_map(|k| body.text_of(k));
            let topics = body.get("topics").and_then(|t| t.list().first()).and_then(Node::text);
            if let (Some(function), Some(target)) = (body.text_of("function_name"), target) {
                let mut reach = reach(ReachKind::Consume, function, target);
                reach.channel = topics.map(str::to_owned);
                out.span(resource.line, resource.until, Seen::Reach(Box::new(reach)));
            }
        }
        "aws_sns_topic_subscription" => {
            let protocol = body.text_of("protocol").unwrap_or("");
            if let (Some(topic), Some(endpoint)) = (body.text_of("topic_arn"), body.text_of("endpoint")) {
                let reach = match protocol {
                    "lambda" => reach(ReachKind::Consume, endpoint, topic),
                    "sqs" | "firehose" => reach(ReachKind::Publish, topic, endpoint),
                    "http" | "https" => reach(ReachKind::Call, topic, endpoint),
                    _ => return,
                };
                out.span(resource.line, resource.until, Seen::Reach(Box::new(reach)));
            }
        }
        "google_pubsub_subscription" => {
            let endpoint = body.at(&["push_config", "push_endpoint"]).and_then(Node::text);
            if let (Some(topic), Some(endpoint)) = (body.text_of("topic"), endpoint) {
                let reach = reach(ReachKind::Publish, topic, endpoint);
                out.span(resource.line, resource.until, Seen::Reach(Box::new(reach)));
            }
        }
        "aws_cloudwatch_event_target" => {
            if let (Some(bus), Some(target)) = (body.text_of("event_bus_name"), body.text_of("arn")) {
                out.span(
                    resource.line,
                    resource.until,
                    Seen::Reach(Box::new(reach(ReachKind::Publish, bus, target))),
                );
            }
        }
        _ => {}
    }
}

fn reach(kind: ReachKind, of: &str, target: &str) -> Reach {
    let mut reach = Reach::new(kind, plain(target), "");
    reach.of = Some(plain(of));
    reach.is_async = true;
    reach
}

/// The name in a reference or an ARN.
fn plain(text: &str) -> String {
    if text.starts_with("arn:") {
        text.rsplit(':').next().unwrap_or(text).to_owned()
    } else {
        text.to_owned()
    }
}

fn dead_letters(resource: &Resource<'_>, out: &mut Sightings) {
    let name = kinds::find(resource.of).map(|_| name_of(resource.of, resource.label));
    let mut about = About { out, of: name.as_deref() };
    let body = resource.body;
    let (line, subject) = (resource.line, resource.label);
    let mut say = |node: Option<&Node>, absent: &str| match node {
        Some(node) => {
            about.practice(node.line, Aspect::DeadLetter, State::Present, subject, "a dead-letter target");
        }
        None if absent.is_empty() => {}
        None => about.practice(line, Aspect::DeadLetter, State::Absent, subject, absent),
    };
    match resource.of {
        "aws_sqs_queue" => {
            let lower =
                format!("{} {}", resource.label, body.text_of("name").unwrap_or("")).to_ascii_lowercase();
            let is_target =
                ["dlq", "dead", "deadletter", "dl_queue", "_dl"].iter().any(|w| lower.contains(w));
            if !is_target {
                say(body.get("redrive_policy"), "no redrive policy");
            }
        }
        "aws_sqs_queue_redrive_policy" => say(Some(body), ""),
        "aws_lambda_function" => say(body.get("dead_letter_config"), ""),
        "aws_lambda_event_source_mapping" => say(body.get("destination_config"), ""),
        "aws_sns_topic_subscription" => say(body.get("redrive_policy"), ""),
        "google_pubsub_subscription" => say(body.get("dead_letter_policy"), "no dead-letter policy"),
        "azurerm_servicebus_queue" | "azurerm_servicebus_subscription" => {
            // Every queue of Service Bus has a dead-letter queue; messages go there after the last delivery.
            let node =
                body.get("max_delivery_count").or_else(|| body.get("dead_lettering_on_message_expiration"));
            say(Some(node.unwrap_or(body)), "");
        }
        _ => {}
    }
    if resource.of == "aws_sqs_queue"
        && body.is_yes("fifo_queue")
        && body.is_yes("content_based_deduplication")
    {
        about.practice(
            line,
            Aspect::ConsumerIdempotency,
            State::Present,
            subject,
            "content-based deduplication",
        );
    }
}
