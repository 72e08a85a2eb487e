//! Messages: brokers that code publishes to and consumes from.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use super::connect::address;
use super::module::{Js, Origin, is_script, read};
use crate::extract::Extractor;
use crate::secret::masked;
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads them.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "javascript-messages",
    reads: is_script,
    sees: &[Aspect::DeadLetter, Aspect::ConsumerIdempotency, Aspect::Backpressure, Aspect::Outbox],
    extract,
};

/// Packages of brokers: package, technology, protocol, the exports that take the broker's address.
const BROKERS: &[(&str, &str, &str, &[&str])] = &[
    ("kafkajs", "kafka", "kafka", &["Kafka"]),
    ("node-rdkafka", "kafka", "kafka", &["Producer", "KafkaConsumer", "HighLevelProducer"]),
    ("kafka-node", "kafka", "kafka", &["KafkaClient"]),
    ("amqplib", "rabbitmq", "amqp", &["connect"]),
    ("amqplib/callback_api", "rabbitmq", "amqp", &["connect"]),
    ("amqp-connection-manager", "rabbitmq", "amqp", &["connect"]),
    ("rabbitmq-client", "rabbitmq", "amqp", &["Connection"]),
    ("rhea", "amqp", "amqp", &["connect"]),
    ("stompit", "activemq", "stomp", &["connect"]),
    ("bullmq", "redis-queue", "redis", &["Queue", "Worker", "FlowProducer"]),
    ("bull", "redis-queue", "redis", &[""]),
    ("bee-queue", "redis-queue", "redis", &[""]),
    ("nats", "nats", "nats", &["connect"]),
    ("node-nats-streaming", "nats", "nats", &["connect"]),
    ("@google-cloud/pubsub", "google-pubsub", "http", &["PubSub"]),
    ("@azure/service-bus", "azure-service-bus", "amqp", &["ServiceBusClient"]),
    ("mqtt", "mqtt", "mqtt", &["connect"]),
    ("pulsar-client", "pulsar", "pulsar", &["Client"]),
    ("sqs-consumer", "sqs", "http", &["Consumer.create"]),
    ("@aws-sdk/client-sqs", "sqs", "http", &["SQSClient", "SQS"]),
    ("@aws-sdk/client-sns", "sns", "http", &["SNSClient", "SNS"]),
    ("@aws-sdk/client-kinesis", "kinesis", "http", &["KinesisClient"]),
    ("@aws-sdk/client-eventbridge", "eventbridge", "http", &["EventBridgeClient"]),
    ("pg-boss", "database-queue", "sql", &[""]),
];

/// Commands of cloud clients: name, whether it publishes, key of the channel.
const COMMANDS: &[(&str, bool, &str)] = &[
    ("SendMessageCommand", true, "QueueUrl"),
    ("SendMessageBatchCommand", true, "QueueUrl"),
    ("ReceiveMessageCommand", false, "QueueUrl"),
    ("PublishCommand", true, "TopicArn"),
    ("PutRecordCommand", true, "StreamName"),
    ("PutRecordsCommand", true, "StreamName"),
    ("PutEventsCommand", true, "Entries"),
];

/// Methods that publish or consume: name, whether it publishes, technologies it is an idiom of (empty: any).
const METHODS: &[(&str, bool, &[&str])] = &[
    ("send", true, &["kafka"]),
    ("sendBatch", true, &["kafka"]),
    ("produce", true, &["kafka"]),
    ("subscribe", false, &["kafka", "nats", "mqtt", "pulsar"]),
    ("sendToQueue", true, &["rabbitmq"]),
    ("publish", true, &["rabbitmq", "nats", "mqtt", "google-pubsub", "database-queue"]),
    ("consume", false, &["rabbitmq"]),
    ("add", true, &["redis-queue"]),
    ("addBulk", true, &["redis-queue"]),
    ("process", false, &["redis-queue"]),
    ("publishMessage", true, &["google-pubsub"]),
    ("subscription", false, &["google-pubsub"]),
    ("createSender", true, &["azure-service-bus"]),
    ("createReceiver", false, &["azure-service-bus"]),
    ("createProducer", true, &["pulsar"]),
    ("request", true, &["nats"]),
];

/// What a file shows of a broker.
struct Broker {
    technology: &'static str,
    protocol: &'static str,
    target: String,
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    read(source, |js| {
        let brokers = brokers(js);
        let mut consumers = Vec::new();
        for call in js.calls() {
            let Some((reach, consumes)) = message(js, call, &brokers) else { continue };
            let line = super::client::line_of(js, call);
            if consumes {
                consumers.push((line, reach.channel.clone().unwrap_or_default(), reach.technology.clone()));
            }
            out.span(line, syntax::last_line(call), Seen::Reach(Box::new(reach)));
        }
        for (line, channel, technology) in consumers {
            consumer(js, line, &channel, technology.as_deref().unwrap_or(""), out);
        }
        transports(js, out);
        let lower = js.text.to_ascii_lowercase();
        if lower.contains("outbox") {
            let line = lower.lines().position(|l| l.contains("outbox")).map_or(1, |l| l + 1);
            let relayed =
                ["setinterval", "cron", "schedule", "debezium", "poll", "relay", "processed", "published"];
            let state = if relayed.iter().any(|w| lower.contains(w)) { State::Present } else { State::Weak };
            out.practice(line, Aspect::Outbox, state, "outbox", "named in the code");
        }
    });
}

fn brokers(js: &Js<'_>) -> Vec<Broker> {
    let mut found: Vec<Broker> = Vec::new();
    for (_, package) in js.loads() {
        let Some((_, technology, protocol, makers)) = BROKERS.iter().find(|(p, ..)| *p == package) else {
            continue;
        };
        if found.iter().any(|b| b.technology == *technology) {
            continue;
        }
        let target = js.calls().find_map(|call| {
            let origin = js.origin(call)?;
            if origin.package != package || !origin.made_by(makers) {
                return None;
            }
            let mut arguments = js.arguments(call);
            if matches!(*technology, "redis-queue") {
                arguments.retain(|a| js.object(*a).is_some() || js.value(*a).contains("://"));
            }
            address(js, &arguments).filter(|a| !a.is_empty())
        });
        let target = target.map(|t| masked(&t)).unwrap_or_default();
        found.push(Broker { technology, protocol, target });
    }
    found
}

/// The reach of a call that publishes or consumes.
fn message<'t>(js: &Js<'t>, call: Node<'t>, brokers: &[Broker]) -> Option<(Reach, bool)> {
    let called = js.called(call);
    let arguments = js.arguments(call);
    let make = |broker: &Broker, publishes: bool, channel: String| {
        let kind = if publishes { ReachKind::Publish } else { ReachKind::Consume };
        let mut reach = Reach::new(kind, broker.target.clone(), broker.protocol);
        reach.technology = Some(broker.technology.to_owned());
        reach.channel = Some(channel).filter(|c| !c.is_empty());
        (reach, !publishes)
    };
    if call.kind() == "new_expression" {
        let origin = js.origin(call)?;
        if let Some((_, publishes, key)) = COMMANDS.iter().find(|(n, ..)| *n == called) {
            let broker =
                brokers.iter().find(|b| matches!(b.technology, "sqs" | "sns" | "kinesis" | "eventbridge"))?;
            let channel = arguments.first().and_then(|o| js.property(*o, key)).map(|c| js.value(c));
            return Some(make(broker, *publishes, channel.unwrap_or_default()));
        }
        if origin.package == "bullmq" && called == "Worker" {
            let broker = brokers.iter().find(|b| b.technology == "redis-queue")?;
            return Some(make(broker, false, js.value(*arguments.first()?)));
        }
        return None;
    }
    let origin = js.origin(call);
    if origin.as_ref().is_some_and(|o| o.package == "sqs-consumer" && o.path == "Consumer.create()") {
        let channel = arguments.first().and_then(|o| js.property(*o, "queueUrl")).map(|c| js.value(c));
        let broker = brokers.iter().find(|b| b.technology == "sqs")?;
        return Some(make(broker, false, channel.unwrap_or_default()));
    }
    let (object, _) = js.method(call)?;
    if let Some(found) = redis_channel(js, call, object, called, &arguments) {
        return Some(found);
    }
    let (_, publishes, of) = METHODS.iter().find(|(n, ..)| *n == called)?;
    let broker = brokers.iter().find(|b| of.contains(&b.technology))?;
    if !on_broker(js, object, origin.as_ref(), broker) {
        return None;
    }
    let channel = channel_of(js, called, object, &arguments, broker.technology)?;
    Some(make(broker, *publishes, channel))
}

/// Whether the object of a call belongs to the broker: by where it comes from, or by its name.
fn on_broker<'t>(js: &Js<'t>, object: Node<'t>, origin: Option<&Origin<'t>>, broker: &Broker) -> bool {
    if let Some(origin) = origin {
        return BROKERS.iter().any(|(p, t, ..)| *p == origin.package && *t == broker.technology);
    }
    let lower = js.tail(object).to_ascii_lowercase();
    [
        "producer",
        "consumer",
        "channel",
        "ch",
        "queue",
        "nc",
        "client",
        "topic",
        "pubsub",
        "connection",
        "js",
        "broker",
        "jetstream",
        "boss",
    ]
    .iter()
    .any(|w| lower.rsplit('.').next().is_some_and(|l| l == *w || w.len() > 3 && l.contains(w)))
}

/// The topic, queue or exchange of a call.
fn channel_of<'t>(
    js: &Js<'t>,
    called: &str,
    object: Node<'t>,
    arguments: &[Node<'t>],
    technology: &str,
) -> Option<String> {
    let first = arguments.first().copied();
    let value = |n: Node<'t>| js.value(n);
    match technology {
        "kafka" if called == "produce" => first.map(value),
        "kafka" | "pulsar" => {
            let options = first.filter(|f| js.object(*f).is_some())?;
            js.first_property(options, &["topic", "topics"]).map(value).or_else(|| {
                let batch = js.property(options, "topicMessages").map(|t| js.deref(t))?;
                js.property(*syntax::children(batch).first()?, "topic").map(value)
            })
        }
        "rabbitmq" if called == "publish" => {
            let exchange = first.map(value).unwrap_or_default();
            let key = arguments.get(1).copied().map(value).unwrap_or_default();
            Some(if exchange.is_empty() || exchange.starts_with('{') { key } else { exchange })
        }
        "redis-queue" => {
            // The queue's name is where the queue is made.
            let made = js.deref(object);
            let name = matches!(made.kind(), "new_expression" | "call_expression")
                .then(|| js.arguments(made).first().copied());
            Some(name.flatten().map(value).unwrap_or_default())
        }
        "google-pubsub" if called != "subscription" => {
            let topic = js.deref(object);
            Some(js.arguments(topic).first().copied().map(value).unwrap_or_default())
        }
        _ => first.filter(|f| js.object(*f).is_none()).map(value),
    }
}

/// Publish and subscribe of Redis.
fn redis_channel<'t>(
    js: &Js<'t>,
    call: Node<'t>,
    object: Node<'t>,
    called: &str,
    arguments: &[Node<'t>],
) -> Option<(Reach, bool)> {
    if !matches!(
        called,
        "publish" | "subscribe" | "pSubscribe" | "psubscribe" | "xadd" | "xAdd" | "xreadgroup" | "xReadGroup"
    ) {
        return None;
    }
    let origin = js.origin(call)?;
    if !matches!(origin.package, "redis" | "ioredis") {
        return None;
    }
    let publishes = matches!(called, "publish" | "xadd" | "xAdd");
    let kind = if publishes { ReachKind::Publish } else { ReachKind::Consume };
    let maker = js.base(object).map(|b| js.deref(b));
    let target = maker.and_then(|m| address(js, &js.arguments(m))).map(|t| masked(&t)).unwrap_or_default();
    let mut reach = Reach::new(kind, target, "redis");
    reach.technology = Some("redis-pubsub".to_owned());
    reach.channel = arguments.first().filter(|a| js.object(**a).is_none()).map(|a| js.value(*a));
    Some((reach, false))
}

/// What guards a consumer, looked for in its file.
fn consumer(js: &Js<'_>, line: usize, channel: &str, technology: &str, out: &mut Sightings) {
    let lower = js.whole().to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    let dead = has(&[
        "deadletter",
        "dead-letter",
        "dead_letter",
        "dlq",
        "dlx",
        "parking",
        "redrivepolicy",
        "maxdeliver",
    ]);
    let attempts = technology == "redis-queue" && has(&["attempts", "'failed'", "\"failed\""]);
    let (state, detail) = match (dead, attempts) {
        (true, _) => (State::Present, "named in this file"),
        (_, true) => (State::Present, "failed jobs are kept by the queue"),
        _ => (State::Absent, "no dead-letter target in this file"),
    };
    out.practice(line, Aspect::DeadLetter, state, channel, detail);
    let known = has(&[
        "idempot",
        "processedevents",
        "processed_events",
        "processedmessages",
        "processed_messages",
        "alreadyprocessed",
        "already processed",
        "dedup",
        "messageid",
        "message_id",
        "inbox",
        "on conflict",
        "upsert",
        "setnx",
        "eventid",
    ]);
    let (state, detail) = if known {
        (State::Present, "the file remembers what was handled, or writes idempotently")
    } else {
        (State::Absent, "nothing in this file guards against a message that comes twice")
    };
    out.practice(line, Aspect::ConsumerIdempotency, state, channel, detail);
    if technology == "rabbitmq" {
        let bounded = has(&["prefetch"]);
        let state = if bounded { State::Present } else { State::Absent };
        let detail =
            if bounded { "prefetch is set" } else { "no prefetch limit: the broker sends all it has" };
        out.practice(line, Aspect::Backpressure, state, channel, detail);
    }
}

/// Clients and servers of NestJS over a transport: `{ transport: Transport.RMQ, options: { urls: [...] } }`.
fn transports(js: &Js<'_>, out: &mut Sightings) {
    for object in js.all("object") {
        let Some(transport) = js.property(object, "transport").map(|t| js.of(t)) else { continue };
        let Some(name) = transport.strip_prefix("Transport.") else { continue };
        let (technology, protocol, is_call) = match name {
            "RMQ" => (Some("rabbitmq"), "amqp", false),
            "KAFKA" => (Some("kafka"), "kafka", false),
            "NATS" => (Some("nats"), "nats", false),
            "REDIS" => (Some("redis-pubsub"), "redis", false),
            "MQTT" => (Some("mqtt"), "mqtt", false),
            "GRPC" => (None, "grpc", true),
            _ => (None, "tcp", true),
        };
        let options = js.property(object, "options");
        let serves = js.ancestors(object).take(6).any(|n| {
            matches!(n.kind(), "call_expression")
                && matches!(js.called(n), "createMicroservice" | "connectMicroservice")
        });
        if serves && is_call {
            continue;
        }
        let inside = options.and_then(|o| js.property(o, "client")).or(options);
        let target = inside.and_then(|o| {
            js.first_property(o, &["urls", "url", "brokers", "servers", "host"]).map(|t| (o, t))
        });
        let target = target.map(|(o, t)| {
            let value = js.value(t);
            let port = js.property(o, "port").map(|p| format!(":{}", js.value(p))).unwrap_or_default();
            if value.contains("://") { value } else { format!("{value}{port}") }
        });
        let kind = match (is_call, serves) {
            (true, _) => ReachKind::Call,
            (_, true) => ReachKind::Consume,
            _ => ReachKind::Publish,
        };
        let mut reach = Reach::new(kind, target.map(|t| masked(&t)).unwrap_or_default(), protocol);
        reach.technology = technology.map(str::to_owned);
        let channel = options.and_then(|o| js.first_property(o, &["queue", "package"]));
        reach.channel = channel.filter(|_| !is_call).map(|c| js.value(c));
        out.span(syntax::line(object), syntax::last_line(object), Seen::Reach(Box::new(reach)));
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, see};

    #[test]
    fn publishers_and_consumers_name_their_channel() {
        let seen = see(
            "svc/bus.js",
            "const { Kafka } = require('kafkajs');\nconst kafka = new Kafka({ brokers: [process.env.KAFKA || 'kafka:9092'] });\n\
             const producer = kafka.producer();\nconst consumer = kafka.consumer({ groupId: 'g' });\n\
             producer.send({ topic: 'orders', messages: [] });\nconsumer.subscribe({ topic: 'payments' });\n",
        );
        let found: Vec<_> = seen
            .iter()
            .filter_map(|s| match &s.seen {
                Seen::Reach(r) => {
                    Some(format!("{:?} {} {}", r.kind, r.target, r.channel.as_deref().unwrap_or("")))
                }
                _ => None,
            })
            .collect();
        assert_eq!(found, ["Publish ${KAFKA:kafka:9092} orders", "Consume ${KAFKA:kafka:9092} payments"]);
        assert!(practices(&seen).contains(&"DeadLetter Absent payments".to_owned()));
    }
}
