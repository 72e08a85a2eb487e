//! Messaging: Celery, RabbitMQ (pika, aio-pika, kombu), Kafka, NATS, MQTT, Redis channels, queues of the clouds.

use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::python::code::Code;
use crate::extract::python::settings::pairs;
use crate::extract::python::{is_python, is_test};
use crate::sighting::{PracticeSeen, Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads messaging.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "python-message",
    reads: is_python,
    sees: &[Aspect::DeadLetter, Aspect::ConsumerIdempotency, Aspect::Backpressure],
    extract,
};

/// A broker's library.
struct Library {
    module: &'static str,
    technology: &'static str,
    protocol: &'static str,
    /// Calls that tell the broker's address, by their last name.
    connects: &'static [&'static str],
    /// Keywords of the address.
    address: &'static [&'static str],
    /// Methods that publish, with position and keyword of the channel.
    publishes: &'static [(&'static str, Option<usize>, &'static str)],
    /// Methods that consume.
    consumes: &'static [(&'static str, Option<usize>, &'static str)],
}

const LIBRARIES: &[Library] = &[
    Library {
        module: "pika",
        technology: "rabbitmq",
        protocol: "amqp",
        connects: &["ConnectionParameters", "URLParameters"],
        address: &["host", "url"],
        publishes: &[("basic_publish", Some(1), "routing_key")],
        consumes: &[
            ("basic_consume", Some(0), "queue"),
            ("consume", Some(0), "queue"),
            ("basic_get", Some(0), "queue"),
        ],
    },
    Library {
        module: "aio_pika",
        technology: "rabbitmq",
        protocol: "amqp",
        connects: &["connect_robust", "connect"],
        address: &["url", "host"],
        publishes: &[("publish", None, "routing_key")],
        consumes: &[("declare_queue", Some(0), "name")],
    },
    Library {
        module: "kombu",
        technology: "rabbitmq",
        protocol: "amqp",
        connects: &["Connection"],
        address: &["hostname"],
        publishes: &[("publish", None, "routing_key")],
        consumes: &[("Consumer", None, "queues")],
    },
    Library {
        module: "kafka",
        technology: "kafka",
        protocol: "kafka",
        connects: &["KafkaProducer", "KafkaConsumer", "KafkaAdminClient"],
        address: &["bootstrap_servers"],
        publishes: &[("send", Some(0), "topic")],
        consumes: &[("KafkaConsumer", Some(0), "topic"), ("subscribe", Some(0), "topics")],
    },
    Library {
        module: "aiokafka",
        technology: "kafka",
        protocol: "kafka",
        connects: &["AIOKafkaProducer", "AIOKafkaConsumer"],
        address: &["bootstrap_servers"],
        publishes: &[("send", Some(0), "topic"), ("send_and_wait", Some(0), "topic")],
        consumes: &[("AIOKafkaConsumer", Some(0), "topic"), ("subscribe", Some(0), "topics")],
    },
    Library {
        module: "confluent_kafka",
        technology: "kafka",
        protocol: "kafka",
        connects: &["Producer", "Consumer", "SerializingProducer", "DeserializingConsumer"],
        address: &["bootstrap.servers"],
        publishes: &[("produce", Some(0), "topic")],
        consumes: &[("subscribe", Some(0), "topics")],
    },
    Library {
        module: "nats",
        technology: "nats",
        protocol: "nats",
        connects: &["connect"],
        address: &["servers"],
        publishes: &[("publish", Some(0), "subject")],
        consumes: &[("subscribe", Some(0), "subject"), ("pull_subscribe", Some(0), "subject")],
    },
    Library {
        module: "paho",
        technology: "mqtt",
        protocol: "mqtt",
        connects: &["connect", "connect_async"],
        address: &["host"],
        publishes: &[("publish", Some(0), "topic")],
        consumes: &[("subscribe", Some(0), "topic")],
    },
    Library {
        module: "pulsar",
        technology: "pulsar",
        protocol: "pulsar",
        connects: &["Client"],
        address: &["service_url"],
        publishes: &[("create_producer", Some(0), "topic")],
        consumes: &[("subscribe", Some(0), "topic")],
    },
    Library {
        module: "boto3",
        technology: "sqs",
        protocol: "https",
        connects: &[],
        address: &[],
        publishes: &[("send_message", None, "QueueUrl"), ("send_message_batch", None, "QueueUrl")],
        consumes: &[("receive_message", None, "QueueUrl")],
    },
    Library {
        module: "google.cloud.pubsub_v1",
        technology: "google-pubsub",
        protocol: "grpc",
        connects: &[],
        address: &[],
        publishes: &[("publish", Some(0), "topic")],
        consumes: &[("subscribe", Some(0), "subscription")],
    },
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_test(source) {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    if code.uses("celery") {
        celery(source, &code, out);
    }
    tasks(&code, out);
    for library in LIBRARIES.iter().filter(|l| code.uses(l.module)) {
        read(&code, library, out);
    }
}

/// A reach to a broker.
fn reach(
    kind: ReachKind,
    target: &str,
    technology: &str,
    protocol: &'static str,
    channel: Option<String>,
) -> Seen {
    let mut reach = Reach::new(kind, crate::secret::masked(target), protocol);
    reach.technology = Some(technology.to_owned()).filter(|t| !t.is_empty());
    reach.channel = channel;
    Seen::Reach(Box::new(reach))
}

fn read(code: &Code, library: &Library, out: &mut Sightings) {
    let address = code.calls().find_map(|c| connection(code, library, c));
    let target = address.as_ref().map_or("", |(_, t)| t.as_str());
    let mut found = false;
    for call in code.calls() {
        let function = syntax::field(call, "function");
        let name = function.map_or("", |f| {
            if f.kind() == "attribute" { code.field(f, "attribute") } else { code.text_of(f) }
        });
        let line = syntax::line(call);
        for (kind, methods) in
            [(ReachKind::Publish, library.publishes), (ReachKind::Consume, library.consumes)]
        {
            let Some((_, position, keyword)) = methods.iter().find(|(m, _, _)| *m == name) else { continue };
            let Some(channel) = channel(code, call, *position, keyword) else { continue };
            found = true;
            let channel = Some(channel).filter(|c| !c.is_empty());
            out.span(
                line,
                syntax::last_line(call),
                reach(kind, target, library.technology, library.protocol, channel),
            );
            if kind == ReachKind::Consume {
                consumer(code, library, call, out);
            }
        }
    }
    if let Some((line, target)) = &address
        && !found
    {
        out.add(*line, reach(ReachKind::Unknown, target, library.technology, library.protocol, None));
    }
}

/// The name of a channel; empty when it is not known, nothing when the call has none.
fn channel(code: &Code, call: Node<'_>, position: Option<usize>, keyword: &str) -> Option<String> {
    let at = code.arg(call, position, keyword)?;
    let at = if at.kind() == "list" { at.named_child(0)? } else { at };
    let text = code.value(at).unwrap_or_default();
    if !text.is_empty() || keyword != "routing_key" {
        return Some(text);
    }
    code.arg(call, Some(0), "exchange").and_then(|e| code.value(e))
}

/// The line and the address of a call that connects.
fn connection(code: &Code, library: &Library, call: Node<'_>) -> Option<(usize, String)> {
    let callee = code.callee(call);
    let short = callee.rsplit('.').next().unwrap_or(&callee);
    if !library.connects.contains(&short) {
        return None;
    }
    let named = library.address.iter().find_map(|k| code.arg(call, None, k));
    let first = code.arg(call, Some(0), "");
    let table = first.map(|f| match code.lookup(code.text_of(f), f) {
        Some((value, false)) => value,
        _ => f,
    });
    let inside = table.filter(|t| t.kind() == "dictionary").and_then(|t| {
        pairs(code, t).into_iter().find(|(k, _)| library.address.contains(&k.as_str())).map(|(_, v)| v)
    });
    let consumes = library.consumes.iter().any(|(m, _, _)| *m == short);
    let at = named.or(inside).or_else(|| first.filter(|_| !consumes))?;
    let at = if matches!(at.kind(), "list" | "tuple") { at.named_child(0)? } else { at };
    let host = code.value(at).filter(|h| !h.is_empty() && !h.starts_with('{'))?;
    let port =
        code.arg(call, Some(1), "port").and_then(|p| code.value(p)).filter(|p| p.parse::<u16>().is_ok());
    let target = if host.contains("://") || host.starts_with("${") && host.contains("URL") {
        host
    } else {
        format!("{}://{host}{}", library.protocol, port.map(|p| format!(":{p}")).unwrap_or_default())
    };
    Some((syntax::line(call), target))
}

/// What becomes of messages that fail, that come twice, and how many come at once.
fn consumer(code: &Code, library: &Library, call: Node<'_>, out: &mut Sightings) {
    let line = syntax::line(call);
    let text = &code.text;
    let subject = library.technology;
    let callback = ["on_message_callback", "consumer_callback", "cb", "callback"]
        .iter()
        .find_map(|k| code.arg(call, None, k))
        .and_then(|c| code.function(code.text_of(c).trim_start_matches("self.")));
    let body = callback.or_else(|| code.around(call));
    if subject == "rabbitmq" {
        let auto = code.arg(call, None, "auto_ack").or_else(|| code.arg(call, None, "no_ack"));
        let in_failure = body.and_then(|b| {
            syntax::of_kind(b, "except_clause")
                .flat_map(|e| syntax::of_kind(e, "call"))
                .find(|c| code.callee(*c).ends_with("basic_ack"))
        });
        if auto.is_some_and(|a| a.kind() == "true") {
            out.practice(
                line,
                Aspect::DeadLetter,
                State::Absent,
                subject,
                "messages are acknowledged before they are handled",
            );
        } else if let Some(at) = in_failure {
            out.practice(
                syntax::line(at),
                Aspect::DeadLetter,
                State::Absent,
                subject,
                "a failed message is acknowledged",
            );
        } else if text.contains("x-dead-letter-exchange") {
            out.practice(line, Aspect::DeadLetter, State::Present, subject, "a dead-letter exchange");
        } else {
            out.practice(
                line,
                Aspect::DeadLetter,
                State::Absent,
                subject,
                "the queue has no dead-letter exchange",
            );
        }
        let bounded = text.contains("prefetch_count");
        let state = if bounded { State::Present } else { State::Absent };
        let detail = if bounded {
            "a prefetch count"
        } else {
            "no prefetch count: the broker sends everything it has"
        };
        out.practice(line, Aspect::Backpressure, state, subject, detail);
    } else if subject == "kafka" {
        let lower = text.to_ascii_lowercase();
        let has = ["dlq", "dead_letter", "deadletter", "dead-letter"].iter().any(|w| lower.contains(w));
        let state = if has { State::Present } else { State::Absent };
        let detail = if has { "a topic for failed messages" } else { "no topic for messages that fail" };
        out.practice(line, Aspect::DeadLetter, state, subject, detail);
    }
    if let Some(body) = body {
        remembers(code, body, subject, out);
    }
}

/// Whether a handler of messages remembers what it has handled.
fn remembers(code: &Code, body: Node<'_>, subject: &str, out: &mut Sightings) {
    let lower = code.text_of(body).to_ascii_lowercase();
    let marks = [
        "idempot",
        "already",
        "processed",
        "dedup",
        "on conflict",
        "get_or_create",
        "upsert",
        "exists()",
        "seen",
    ];
    let guarded = marks.iter().any(|w| lower.contains(w));
    let seen = PracticeSeen {
        of: None,
        aspect: Aspect::ConsumerIdempotency,
        state: if guarded { State::Present } else { State::Absent },
        subject: subject.to_owned(),
        detail: if guarded {
            "remembers what it has handled"
        } else {
            "nothing remembers a message that came before"
        }
        .to_owned(),
    };
    out.span(syntax::line(body), syntax::last_line(body), Seen::Practice(seen));
}

/// Celery's broker and result store.
fn celery(source: &Source<'_>, code: &Code, out: &mut Sightings) {
    for call in code.calls().filter(|c| code.callee(*c) == "celery.Celery") {
        let line = syntax::line(call);
        let technology =
            |url: &str| source.signs.scheme(url).map_or(String::new(), |s| s.technology.to_string());
        if let Some(url) = code.arg(call, None, "broker").and_then(|b| code.value(b)) {
            out.add(
                line,
                reach(ReachKind::Publish, &url, &technology(&url), "amqp", Some("celery".to_owned())),
            );
        }
        if let Some(url) = code
            .arg(call, None, "backend")
            .and_then(|b| code.value(b))
            .filter(|u| u.contains("://") || u.starts_with("${"))
        {
            let mut reach = Reach::new(ReachKind::Data, crate::secret::masked(&url), "redis");
            reach.technology = Some(technology(&url)).filter(|t| !t.is_empty());
            out.add(line, Seen::Reach(Box::new(reach)));
        }
    }
}

/// Tasks that are defined and those that are sent off.
fn tasks(code: &Code, out: &mut Sightings) {
    for function in syntax::of_kind(code.root(), "function_definition") {
        for decorator in code.decorators(function) {
            let callee =
                if decorator.kind() == "call" { code.callee(decorator) } else { code.dotted(decorator) };
            let is_task = callee == "celery.shared_task"
                || callee.ends_with(".task") && (code.uses("celery") || callee.contains("celery"));
            if !is_task {
                continue;
            }
            let (line, until) = (syntax::line(decorator), syntax::last_line(function));
            let name = code.field(function, "name").to_owned();
            out.span(line, until, reach(ReachKind::Consume, "", "", "amqp", Some(name.clone())));
            let text = code.text_of(decorator);
            if text.contains("autoretry_for")
                || text.contains("max_retries")
                || code.text_of(function).contains(".retry(")
            {
                let backs = text.contains("retry_backoff") || code.text_of(function).contains("countdown");
                let state = if backs { State::Present } else { State::Weak };
                let detail = if backs { "bounded, with pauses" } else { "a fixed pause between tries" };
                out.practice(line, Aspect::Retry, state, name, detail);
            }
        }
    }
    for call in code.calls() {
        let (object, method) = code.method(call);
        let task = match method.as_str() {
            "delay" | "apply_async" => {
                object.rsplit('.').next().unwrap_or("").trim_end_matches("()").to_owned()
            }
            "send_task" => code.arg(call, Some(0), "name").and_then(|n| code.value(n)).unwrap_or_default(),
            _ => continue,
        };
        out.add(
            syntax::line(call),
            reach(ReachKind::Publish, "", "", "amqp", Some(task).filter(|t| !t.is_empty())),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, reaches, see};

    #[test]
    fn rabbitmq_consumers_tell_their_practices() {
        let text = "import pika, os\nclass P:\n    HOST = os.getenv('AMQP_HOST', 'rabbitmq')\n    EXCHANGE = 'shop'\n    def go(self):\n        self.p = pika.ConnectionParameters(host=self.HOST)\n        self.ch.basic_publish(exchange=self.EXCHANGE, routing_key='orders', body='x')\n        self.ch.basic_consume(queue='q', on_message_callback=self.handle)\n    def handle(self, ch, m, p, body):\n        try:\n            work(body)\n        except Exception:\n            ch.basic_ack(m.delivery_tag)\n";
        let seen = see("svc/p.py", text);
        assert_eq!(
            reaches(&seen),
            ["Publish amqp://${AMQP_HOST:rabbitmq}", "Consume amqp://${AMQP_HOST:rabbitmq}"]
        );
        let channel = seen.iter().find_map(|s| match &s.seen {
            Seen::Reach(r) => r.channel.clone(),
            _ => None,
        });
        assert_eq!(channel.as_deref(), Some("orders"));
        let found = practices(&seen);
        for expected in [
            "DeadLetter Absent rabbitmq",
            "Backpressure Absent rabbitmq",
            "ConsumerIdempotency Absent rabbitmq",
        ] {
            assert!(found.contains(&expected.to_owned()), "{found:?}");
        }
    }

    #[test]
    fn kafka_and_celery() {
        let text = "from confluent_kafka import Producer\nfrom celery import Celery, shared_task\napp = Celery('x', broker='amqp://guest:guest@mq//')\nconf = {'bootstrap.servers': 'kafka:9092'}\np = Producer(conf)\np.produce('orders', b'1')\n@shared_task\ndef mail(): pass\nmail.delay()\n";
        assert_eq!(
            reaches(&see("svc/t.py", text)),
            ["Publish amqp://guest:***@mq//", "Consume ", "Publish ", "Publish kafka://kafka:9092"]
        );
    }
}
