//! Messages in C#: event buses, MassTransit, NServiceBus, CAP, RabbitMQ, Kafka, Azure Service Bus.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use crate::extract::contract::connection;
use crate::extract::dotnet::csharp::{Call, Code, has_unknown};
use crate::extract::dotnet::declaration::{attributes, bases};
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::Sightings;
use crate::syntax;
use crate::template::placeholder;

/// Interfaces whose type argument is the message that a class handles.
const HANDLERS: &[&str] = &[
    "IConsumer",
    "IIntegrationEventHandler",
    "IHandleMessages",
    "IEventHandler",
    "IMessageHandler",
    "IHandleMessage",
];

/// Configuration of a bus: method, technology, protocol.
const BUSES: &[(&str, &str, &str)] = &[
    ("UsingRabbitMq", "rabbitmq", "amqp"),
    ("UseRabbitMQ", "rabbitmq", "amqp"),
    ("UsingAzureServiceBus", "azure-service-bus", "amqp"),
    ("UsingAmazonSqs", "sqs", "http"),
    ("UsingKafka", "kafka", "kafka"),
    ("UseKafka", "kafka", "kafka"),
];

/// Clients of brokers by the name of a connection: method, technology, protocol.
const NAMED: &[(&str, &str, &str)] = &[
    ("AddRabbitMQClient", "rabbitmq", "amqp"),
    ("AddKafkaProducer", "kafka", "kafka"),
    ("AddKafkaConsumer", "kafka", "kafka"),
    ("AddNatsClient", "nats", "nats"),
    ("AddAzureServiceBusClient", "azure-service-bus", "amqp"),
    ("AddAzureEventHubProducerClient", "azure-event-hubs", "amqp"),
    ("AddAzureQueueClient", "azure-queue", "http"),
    ("AddAzureQueueServiceClient", "azure-queue", "http"),
];

/// Reads producers and consumers.
pub(crate) fn extract(code: &Code<'_, '_>, out: &mut Sightings) {
    for call in &code.calls {
        bus(code, call, out);
        published(code, call, out);
        consumed(code, call, out);
        bounds(code, call, out);
    }
    for node in syntax::descendants(code.root) {
        match node.kind() {
            "class_declaration" => handler(code, node, out),
            "assignment_expression" => address(code, node, out),
            "object_creation_expression" => created(code, node, out),
            "method_declaration" => dual_write(code, node, out),
            _ => {}
        }
    }
    outbox(code, out);
}

fn reach(kind: ReachKind, target: &str, technology: Option<&str>, protocol: &'static str) -> Reach {
    let mut reach = Reach::new(kind, connection::hidden(target), protocol);
    reach.technology = technology.map(str::to_owned);
    reach
}

fn add(line: usize, until: usize, reach: Reach, out: &mut Sightings) {
    out.span(line, until, Seen::Reach(Box::new(reach)));
}

fn bus(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    let line = call.line();
    if let Some((_, technology, protocol)) = NAMED.iter().find(|(name, _, _)| *name == call.name) {
        let name = call.argument(0).map(|a| code.value(a)).filter(|n| !has_unknown(n) && !n.contains('$'));
        let target =
            name.map(|n| placeholder(&format!("ConnectionStrings.{n}"), Some(&n))).unwrap_or_default();
        add(line, line, reach(ReachKind::Unknown, &target, Some(technology), protocol), out);
    }
    if let Some((_, technology, protocol)) = BUSES.iter().find(|(name, _, _)| *name == call.name) {
        let inside = |c: &&Call<'_, '_>| {
            c.node.start_byte() > call.node.start_byte() && c.node.end_byte() <= call.node.end_byte()
        };
        let host = code.called("Host").find(inside).and_then(|c| c.argument(0));
        let target = host.map(|h| code.value(h)).filter(|h| !has_unknown(h)).unwrap_or_default();
        add(line, line, reach(ReachKind::Unknown, &target, Some(technology), protocol), out);
        if call.name.starts_with("Using") {
            let detail = "MassTransit moves what fails to an error queue";
            out.practice(line, Aspect::DeadLetter, State::Present, *technology, detail);
        }
    }
}

/// The type of the message in an argument.
fn message_type<'t>(code: &Code<'_, 't>, call: &Call<'_, 't>) -> Option<String> {
    if let Some(class) = call.types.first() {
        return Some((*class).to_owned());
    }
    let mut node = call.argument(0)?;
    if node.kind() == "identifier" {
        node = code.given_at(code.text(node), node)?;
    }
    let class =
        syntax::field_text(node, "type", code.source.text).filter(|_| node.kind().contains("creation"))?;
    Some(class.rsplit('.').next().unwrap_or(class).to_owned())
}

fn published<'t>(code: &Code<'_, 't>, call: &Call<'_, 't>, out: &mut Sightings) {
    let owner = call.receiver.map(|r| code.text(r).to_ascii_lowercase()).unwrap_or_default();
    let by_bus = ["bus", "publish", "producer", "cap", "messagesession", "daprclient", "sendendpoint"]
        .iter()
        .any(|p| owner.contains(p));
    let (channel, technology, protocol) = match call.name {
        "Publish" | "PublishAsync" | "PublishEventAsync" if by_bus => {
            let named = call.argument(0).and_then(|a| code.literal(a)).filter(|c| !c.contains('{'));
            (named.or_else(|| message_type(code, call)), None, "amqp")
        }
        "BasicPublish" | "BasicPublishAsync" => {
            let key = call.named("exchange").or_else(|| call.argument(0)).map(|a| code.value(a));
            let key = key.filter(|k| !k.is_empty() && !has_unknown(k));
            let other = call.named("routingKey").or_else(|| call.argument(1)).map(|a| code.value(a));
            (key.or(other.filter(|k| !has_unknown(k))), Some("rabbitmq"), "amqp")
        }
        "ProduceAsync" | "Produce" if owner.contains("producer") => {
            (call.argument(0).and_then(|a| code.literal(a)), Some("kafka"), "kafka")
        }
        "CreateSender" => (call.argument(0).and_then(|a| code.literal(a)), Some("azure-service-bus"), "amqp"),
        _ => return,
    };
    let mut reach = reach(ReachKind::Publish, "", technology, protocol);
    reach.channel = channel;
    add(syntax::line(call.node), syntax::last_line(call.node), reach, out);
}

fn consumed<'t>(code: &Code<'_, 't>, call: &Call<'_, 't>, out: &mut Sightings) {
    let owner = call.receiver.map(|r| code.text(r).to_ascii_lowercase()).unwrap_or_default();
    let first = || call.argument(0).and_then(|a| code.literal(a));
    let (channel, technology, protocol) = match call.name {
        "AddSubscription" | "Subscribe" if call.types.len() == 2 => {
            (call.types.first().map(|t| (*t).to_owned()), None, "amqp")
        }
        "BasicConsume" | "BasicConsumeAsync" => {
            let queue = call.named("queue").or_else(|| call.argument(0)).map(|a| code.value(a));
            (queue.filter(|q| !has_unknown(q)), Some("rabbitmq"), "amqp")
        }
        "Subscribe" if owner.contains("consumer") => (first(), Some("kafka"), "kafka"),
        "CreateProcessor" | "CreateReceiver" => (first(), Some("azure-service-bus"), "amqp"),
        "ReceiveEndpoint" => (first(), None, "amqp"),
        _ => return,
    };
    let mut reach = reach(ReachKind::Consume, "", technology, protocol);
    reach.channel = channel;
    add(syntax::line(call.node), syntax::last_line(call.node), reach, out);
}

/// A class that handles messages.
fn handler(code: &Code<'_, '_>, class: Node<'_>, out: &mut Sightings) {
    let (line, until) = (syntax::line(class), syntax::last_line(class));
    let messages = bases(class, code.source.text)
        .into_iter()
        .filter(|(base, types)| HANDLERS.contains(base) && types.len() == 1)
        .flat_map(|(_, types)| types);
    for message in messages {
        let mut reach = reach(ReachKind::Consume, "", None, "amqp");
        reach.channel = Some(message.to_owned());
        add(line, until, reach, out);
    }
    for method in syntax::of_kind(class, "method_declaration") {
        for subscribe in attributes(method, code.source.text) {
            let channel = match subscribe.name {
                "CapSubscribe" | "ServiceBusTrigger" | "KafkaTrigger" | "RabbitMQTrigger" => {
                    subscribe.first()
                }
                "Topic" => subscribe.arguments.get(1).map(|(_, node)| *node),
                _ => continue,
            };
            let mut reach = reach(ReachKind::Consume, "", None, "amqp");
            reach.channel = channel.and_then(|c| code.literal(c));
            add(syntax::line(method), syntax::last_line(method), reach, out);
        }
    }
}

/// `new ConnectionFactory { HostName = "rabbitmq" }`, `new ProducerConfig { BootstrapServers = "kafka:9092" }`.
fn address(code: &Code<'_, '_>, node: Node<'_>, out: &mut Sightings) {
    let (Some(left), Some(right)) = (syntax::field(node, "left"), syntax::field(node, "right")) else {
        return;
    };
    let left = code.text(left);
    let name = left.rsplit('.').next().unwrap_or(left);
    let text = code.source.text;
    let (technology, protocol) = match name {
        "HostName" | "Uri" if text.contains("RabbitMQ.Client") || text.contains("ConnectionFactory") => {
            ("rabbitmq", "amqp")
        }
        "BootstrapServers" => ("kafka", "kafka"),
        _ => return,
    };
    let value = code.value(right);
    let line = syntax::line(node);
    let target = if has_unknown(&value) { String::new() } else { value };
    add(line, line, reach(ReachKind::Unknown, &target, Some(technology), protocol), out);
}

fn created(code: &Code<'_, '_>, node: Node<'_>, out: &mut Sightings) {
    let class = syntax::field_text(node, "type", code.source.text).unwrap_or("");
    let (technology, protocol) = match class.rsplit('.').next().unwrap_or(class) {
        "ServiceBusClient" => ("azure-service-bus", "amqp"),
        "EventHubProducerClient" | "EventProcessorClient" => ("azure-event-hubs", "amqp"),
        "QueueServiceClient" | "QueueClient" => ("azure-queue", "http"),
        "AmazonSQSClient" => ("sqs", "http"),
        "AmazonSimpleNotificationServiceClient" => ("sns", "http"),
        _ => return,
    };
    add(
        syntax::line(node),
        syntax::last_line(node),
        reach(ReachKind::Unknown, "", Some(technology), protocol),
        out,
    );
}

/// Bounds on what waits.
fn bounds(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    let line = call.line();
    let has = |text: &str| code.source.text.contains(text);
    match call.name {
        "BasicQos" | "BasicQosAsync" => {
            out.practice(line, Aspect::Backpressure, State::Present, "prefetch", code.text(call.node));
        }
        "BasicConsume" | "BasicConsumeAsync" => {
            if !has("BasicQos") {
                let detail = "the consumer sets no prefetch limit";
                out.practice(line, Aspect::Backpressure, State::Absent, "prefetch", detail);
            }
            let (state, detail) = if has("x-dead-letter-exchange") {
                (State::Present, "x-dead-letter-exchange")
            } else {
                (State::Absent, "no dead-letter exchange is declared for the queue")
            };
            out.practice(line, Aspect::DeadLetter, state, "queue", detail);
        }
        "CreateUnbounded" => {
            out.practice(line, Aspect::Backpressure, State::Absent, "channel", "Channel.CreateUnbounded");
        }
        "CreateBounded" => {
            out.practice(line, Aspect::Backpressure, State::Present, "channel", "Channel.CreateBounded");
        }
        "UseMessageRetry" => {
            let text = code.text(call.node);
            let backs_off = ["Exponential", "Incremental", "Intervals"].iter().any(|w| text.contains(w));
            let state = if backs_off { State::Present } else { State::Weak };
            out.practice(line, Aspect::Retry, state, "messages", "UseMessageRetry");
        }
        "AddInboxStateEntity" | "UseInbox" => {
            out.practice(line, Aspect::ConsumerIdempotency, State::Present, "inbox", call.name);
        }
        _ => {}
    }
}

/// Words by which code speaks of an outbox.
const OUTBOX: &[&str] = &["Outbox", "outbox", "IntegrationEventLog"];

fn outbox(code: &Code<'_, '_>, out: &mut Sightings) {
    let set_up = [
        "AddEntityFrameworkOutbox",
        "UseBusOutbox",
        "AddMartenOutbox",
        "UseEntityFrameworkOutbox",
        "UseEntityFrameworkCoreTransactions",
    ];
    let relayed = ["RetrieveEventLogsPending", "AddOutboxStateEntity", "MarkEventAsPublished"];
    for call in &code.calls {
        if set_up.contains(&call.name) {
            out.practice(call.line(), Aspect::Outbox, State::Present, "outbox", call.name);
        }
        if relayed.iter().any(|r| call.name.starts_with(r)) {
            out.practice(call.line(), Aspect::Outbox, State::Present, "outbox", call.name);
        }
    }
    for class in syntax::of_kind(code.root, "class_declaration") {
        let name = syntax::field_text(class, "name", code.source.text).unwrap_or("");
        if OUTBOX.iter().any(|o| name.contains(o)) {
            out.practice(syntax::line(class), Aspect::Outbox, State::Present, name, "a class for it");
        }
    }
}

/// A write to a store followed by a message, without an outbox.
fn dual_write(code: &Code<'_, '_>, method: Node<'_>, out: &mut Sightings) {
    let text = code.text(method);
    let saved = text.find("SaveChanges");
    let sent =
        ["bus.Publish", "Bus.Publish", "publishEndpoint.Publish", "PublishEndpoint.Publish", "BasicPublish"]
            .iter()
            .filter_map(|p| text.find(p))
            .max();
    let (Some(saved), Some(sent)) = (saved, sent) else { return };
    if sent > saved && !OUTBOX.iter().any(|o| code.source.text.contains(o)) {
        let seen = crate::sighting::PracticeSeen {
            of: None,
            aspect: Aspect::DualWrite,
            state: State::Present,
            subject: syntax::field_text(method, "name", code.source.text).unwrap_or("").to_owned(),
            detail: "SaveChanges, then Publish".to_owned(),
        };
        out.span(syntax::line(method), syntax::last_line(method), Seen::Practice(seen));
    }
}
