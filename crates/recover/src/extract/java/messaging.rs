//! Messages: Kafka, RabbitMQ, JMS, Spring Cloud Stream, SQS, reactive messaging.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::config::STREAM_BROKER;
use crate::extract::java::code::{
    self, Annotation, Call, Class, Code, Expr, Kind, Method, annotated, has_any, simple,
};
use crate::extract::java::handler::practice;
use crate::extract::java::values::Scope;
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};

/// Publishing and consuming.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "java-messaging",
    reads: code::reads,
    sees: &[Aspect::DeadLetter, Aspect::ConsumerIdempotency],
    extract,
};

/// Annotations of methods that take messages: name, technology, protocol, where the channel stands.
const LISTENERS: &[(&str, &str, &str, &[&str])] = &[
    ("KafkaListener", "kafka", "kafka", &["topics", "value", "topicPattern"]),
    ("RabbitListener", "rabbitmq", "amqp", &["queues", "queuesToDeclare", "bindings", "value"]),
    ("JmsListener", "", "jms", &["destination"]),
    ("SqsListener", "sqs", "https", &["value", "queueNames"]),
    ("PulsarListener", "pulsar", "pulsar", &["topics", "value"]),
    ("NatsListener", "nats", "nats", &["subject", "value"]),
    ("RocketMQMessageListener", "rocketmq", "rocketmq", &["topic"]),
    ("ServiceBusListener", "azure-service-bus", "amqp", &["destination", "value"]),
];

/// Types that send: type, methods, technology, protocol.
const SENDERS: &[(&str, &[&str], &str, &str)] = &[
    ("KafkaTemplate", &["send", "sendDefault"], "kafka", "kafka"),
    ("ReplyingKafkaTemplate", &["send", "sendAndReceive"], "kafka", "kafka"),
    ("ReactiveKafkaProducerTemplate", &["send"], "kafka", "kafka"),
    ("KafkaProducer", &["send"], "kafka", "kafka"),
    ("Producer", &["send"], "kafka", "kafka"),
    ("RabbitTemplate", &["convertAndSend", "send", "convertSendAndReceive"], "rabbitmq", "amqp"),
    ("AmqpTemplate", &["convertAndSend", "send", "convertSendAndReceive"], "rabbitmq", "amqp"),
    ("RabbitMessagingTemplate", &["convertAndSend", "send"], "rabbitmq", "amqp"),
    ("AsyncRabbitTemplate", &["convertSendAndReceive"], "rabbitmq", "amqp"),
    ("Channel", &["basicPublish"], "rabbitmq", "amqp"),
    ("JmsTemplate", &["convertAndSend", "send"], "", "jms"),
    ("JmsMessagingTemplate", &["convertAndSend", "send"], "", "jms"),
    ("StreamBridge", &["send"], "", "stream"),
    ("SqsTemplate", &["send", "sendMany"], "sqs", "https"),
    ("SqsClient", &["sendMessage"], "sqs", "https"),
    ("AmazonSQS", &["sendMessage"], "sqs", "https"),
    ("QueueMessagingTemplate", &["convertAndSend", "send"], "sqs", "https"),
    ("SnsTemplate", &["sendNotification", "convertAndSend"], "sns", "https"),
    ("SnsClient", &["publish"], "sns", "https"),
    ("AmazonSNS", &["publish"], "sns", "https"),
    ("PulsarTemplate", &["send", "sendAsync"], "pulsar", "pulsar"),
    ("RocketMQTemplate", &["convertAndSend", "syncSend", "asyncSend", "send"], "rocketmq", "rocketmq"),
    ("PubSubTemplate", &["publish"], "pubsub", "https"),
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if code::is_test(source) {
        return;
    }
    let Some(code) = code::read(source) else { return };
    let guarded = dead_letters(&code, out);
    for class in &code.classes {
        bindings(&code, class, out);
        for method in &class.methods {
            listeners(&code, class, method, guarded, out);
            stream_methods(&code, class, method, out);
            for call in &method.calls {
                sends(Scope::inside(&code, class, method), method, call, out);
                raw_consumers(Scope::inside(&code, class, method), method, call, out);
            }
        }
        for annotation in &class.annotations {
            let listens = LISTENERS.iter().find(|(n, ..)| *n == annotation.name);
            if let Some(listener) = listens {
                // The method of the class is chosen by the message's type.
                consume(Scope::of(&code, class), annotation, listener, class.last, out);
            }
        }
    }
}

/// Where the broker of a protocol stands: in the settings of the unit.
const BROKERS: &[(&str, &str)] = &[
    ("kafka", "${spring.kafka.bootstrap-servers:${kafka.bootstrap.servers:}}"),
    ("amqp", "${spring.rabbitmq.host:${spring.rabbitmq.addresses:}}"),
    ("jms", "${spring.activemq.broker-url:${spring.artemis.host:}}"),
    ("stream", STREAM_BROKER),
];

fn reach(kind: ReachKind, technology: &str, protocol: &'static str, channel: Option<String>) -> Reach {
    let technology = (!technology.is_empty()).then(|| technology.to_owned());
    let target = BROKERS.iter().find(|(p, _)| *p == protocol).map_or("", |(_, t)| *t);
    Reach { technology, channel, ..Reach::new(kind, target, protocol) }
}

/// Names that show that failures go to a dead-letter target.
const DEAD_LETTER: &[&str] = &[
    "DeadLetterPublishingRecoverer",
    "RepublishMessageRecoverer",
    "RejectAndDontRequeueRecoverer",
    "deadLetterExchange",
    "deadLetterRoutingKey",
    "RetryTopicConfigurationBuilder",
];

/// Tells where failed messages go; whether the file shows it.
fn dead_letters(code: &Code, out: &mut Sightings) -> bool {
    let mut found = false;
    for method in code.classes.iter().flat_map(|c| &c.methods) {
        for call in &method.calls {
            let by_key =
                call.args.iter().any(|a| matches!(a, Expr::Text(t) if t == "x-dead-letter-exchange"));
            if by_key || DEAD_LETTER.contains(&simple(&call.name)) {
                out.add(call.line, practice(Aspect::DeadLetter, State::Present, "", &call.name));
                found = true;
            }
        }
        for annotation in &method.annotations {
            if matches!(annotation.name.as_str(), "RetryableTopic" | "DltHandler") {
                out.add(annotation.line, practice(Aspect::DeadLetter, State::Present, "", &annotation.name));
                found = true;
            }
        }
    }
    found
}

fn listeners(code: &Code, class: &Class, method: &Method, guarded: bool, out: &mut Sightings) {
    for annotation in &method.annotations {
        let Some(listener) = LISTENERS.iter().find(|(n, ..)| *n == annotation.name) else { continue };
        let channels = consume(Scope::of(code, class), annotation, listener, method.last, out);
        let channel = channels.first().map_or("", String::as_str);
        if !guarded {
            let detail = "nothing beside the listener says where a message goes that fails";
            out.span(method.line, method.last, practice(Aspect::DeadLetter, State::Absent, channel, detail));
        }
        idempotency(class, method, channel, out);
    }
    let incoming = annotated(&method.annotations, "Incoming");
    if let Some(Expr::Text(channel)) = incoming.and_then(|i| i.arg(&["value"])) {
        let key = format!("${{mp.messaging.incoming.{channel}.topic:{channel}}}");
        out.span(
            method.line,
            method.last,
            Seen::Reach(Box::new(reach(ReachKind::Consume, "", "stream", Some(key)))),
        );
    }
    if let Some(Expr::Text(channel)) =
        annotated(&method.annotations, "Outgoing").and_then(|i| i.arg(&["value"]))
    {
        let key = format!("${{mp.messaging.outgoing.{channel}.topic:{channel}}}");
        out.span(
            method.line,
            method.last,
            Seen::Reach(Box::new(reach(ReachKind::Publish, "", "stream", Some(key)))),
        );
    }
}

/// One reach for each channel a listener names.
fn consume(
    scope: Scope<'_>,
    annotation: &Annotation,
    (_, technology, protocol, keys): &(&str, &str, &'static str, &[&str]),
    last: usize,
    out: &mut Sightings,
) -> Vec<String> {
    let named = annotation.arg(keys);
    let mut channels = named.map(|e| channels(scope, e)).unwrap_or_default();
    if channels.is_empty() {
        channels.push(String::new());
    }
    for channel in &channels {
        let channel = Some(channel.clone()).filter(|c| !c.is_empty());
        let reach = reach(ReachKind::Consume, technology, protocol, channel);
        out.span(annotation.line, last, Seen::Reach(Box::new(reach)));
    }
    channels
}

/// Names of channels; `@QueueBinding(value = @Queue("x"))` and `@Queue("x")` as well.
fn channels(scope: Scope<'_>, expr: &Expr) -> Vec<String> {
    let mut out = Vec::new();
    let mut open: Vec<&Expr> = vec![expr];
    while let Some(at) = open.pop() {
        match at {
            Expr::List(items) => open.extend(items.iter().rev()),
            Expr::Annotation(inner) => open.extend(inner.arg(&["value", "name"])),
            other => out.extend(scope.value(other)),
        }
    }
    out
}

/// Words of a consumer that asks whether it has seen a message before.
const ONCE: &[&str] = &[
    "exists",
    "alreadyProcessed",
    "isProcessed",
    "processedMessage",
    "idempoten",
    "Idempoten",
    "isDuplicate",
    "inbox",
    "setIfAbsent",
    "findByEventId",
    "findByMessageId",
];

fn idempotency(class: &Class, method: &Method, channel: &str, out: &mut Sightings) {
    let acts = method.calls.iter().any(|c| {
        c.name.starts_with("save")
            || c.name.starts_with("insert")
            || c.name.starts_with("send")
            || c.name.starts_with("create")
            || c.name.starts_with("update")
            || c.name.starts_with("process")
    });
    let once = ONCE.iter().any(|w| method.body.contains(w))
        || class.fields.iter().any(|f| {
            f.ty.contains("IdempotentReceiver") || f.ty.contains("ProcessedMessage") || f.ty.contains("Inbox")
        });
    if once {
        out.span(
            method.line,
            method.last,
            practice(
                Aspect::ConsumerIdempotency,
                State::Present,
                channel,
                "the handler looks whether it has seen the message",
            ),
        );
    } else if acts {
        out.span(
            method.line,
            method.last,
            practice(
                Aspect::ConsumerIdempotency,
                State::Absent,
                channel,
                "a message that comes again is handled again",
            ),
        );
    }
}

fn sends(scope: Scope<'_>, method: &Method, call: &Call, out: &mut Sightings) {
    let Some(on) = &call.on else { return };
    let ty = match on {
        Expr::Name(name) => method.type_of(scope.class, name).map(simple).or_else(|| by_name(name)),
        Expr::Call(made) if made.creates => Some(simple(&made.name)),
        _ => None,
    };
    let Some(ty) = ty else { return };
    let sender =
        SENDERS.iter().find(|(name, methods, ..)| *name == ty && methods.contains(&call.name.as_str()));
    let Some((name, _, technology, protocol)) = sender else { return };
    let mut channel = call.args.first().and_then(|a| channel_of(scope, a));
    if *name == "StreamBridge" {
        channel = channel.map(|c| format!("${{spring.cloud.stream.bindings.{c}.destination:{c}}}"));
    }
    let reach = reach(ReachKind::Publish, technology, protocol, channel);
    out.add(call.line, Seen::Reach(Box::new(reach)));
}

/// Injected by a name alone, its type in another file.
fn by_name(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    ["KafkaTemplate", "RabbitTemplate", "AmqpTemplate", "JmsTemplate", "StreamBridge"]
        .into_iter()
        .find(|t| lower == t.to_ascii_lowercase())
}

/// The channel of what is sent: a name, a record made for a topic, a request made for a queue.
fn channel_of(scope: Scope<'_>, expr: &Expr) -> Option<String> {
    if let Some(made) = expr.call()
        && made.creates
    {
        return made.args.first().and_then(|a| scope.value(a)).filter(|v| !v.starts_with('{'));
    }
    scope.value(expr).filter(|v| !v.starts_with('{'))
}

/// `consumer.subscribe(List.of("topic"))`, `channel.basicConsume("queue", ...)`, streams of Kafka.
fn raw_consumers(scope: Scope<'_>, method: &Method, call: &Call, out: &mut Sightings) {
    let ty = call.receiver().and_then(|r| method.type_of(scope.class, r)).map(simple);
    let found = match (call.name.as_str(), ty) {
        ("subscribe", Some("KafkaConsumer" | "Consumer")) => Some(("kafka", "kafka")),
        ("stream" | "table", Some("StreamsBuilder")) => Some(("kafka", "kafka")),
        ("basicConsume", _) => Some(("rabbitmq", "amqp")),
        ("receiveMessage", Some("SqsClient" | "AmazonSQS")) => Some(("sqs", "https")),
        _ => None,
    };
    let Some((technology, protocol)) = found else { return };
    let first = call.args.first();
    let listed = first.and_then(Expr::call).and_then(|c| c.args.first()).or(first);
    let channel = listed.and_then(|a| scope.value(a)).filter(|v| !v.starts_with('{'));
    out.add(call.line, Seen::Reach(Box::new(reach(ReachKind::Consume, technology, protocol, channel))));
}

/// Interfaces that Spring Cloud Stream brings: what they send on and take from.
const BRINGS: &[(&str, &[(&str, ReachKind)])] = &[
    ("Source", &[("output", ReachKind::Publish)]),
    ("Sink", &[("input", ReachKind::Consume)]),
    ("Processor", &[("input", ReachKind::Consume), ("output", ReachKind::Publish)]),
];

fn binding(kind: ReachKind, name: &str) -> Reach {
    let key = format!("${{spring.cloud.stream.bindings.{name}.destination:{name}}}");
    reach(kind, "", "stream", Some(key))
}

/// `@EnableBinding(Source.class)` and interfaces with `@Input` and `@Output`.
fn bindings(code: &Code, class: &Class, out: &mut Sightings) {
    if let Some(annotation) = annotated(&class.annotations, "EnableBinding") {
        let named = annotation.arg(&["value"]).map(Expr::items).unwrap_or_default();
        for name in named.iter().filter_map(Expr::name) {
            let brought = BRINGS.iter().find(|(n, _)| *n == simple(name));
            for (channel, kind) in brought.map(|(_, c)| *c).unwrap_or_default() {
                out.span(annotation.line, class.last, Seen::Reach(Box::new(binding(*kind, channel))));
            }
        }
    }
    if class.kind != Kind::Interface {
        return;
    }
    for method in &class.methods {
        for (name, kind) in [("Input", ReachKind::Consume), ("Output", ReachKind::Publish)] {
            let Some(annotation) = annotated(&method.annotations, name) else { continue };
            let value = annotation.arg(&["value"]).and_then(|e| Scope::of(code, class).value(e));
            let channel = value.unwrap_or_else(|| method.name.clone());
            out.add(method.line, Seen::Reach(Box::new(binding(kind, &channel))));
        }
    }
}

/// `@StreamListener("x")`, `@SendTo("y")`, and beans of functions.
fn stream_methods(code: &Code, class: &Class, method: &Method, out: &mut Sightings) {
    let scope = Scope::of(code, class);
    if let Some(annotation) = annotated(&method.annotations, "StreamListener") {
        let channel = annotation.arg(&["value", "target"]).and_then(|e| stream_name(scope, e));
        if let Some(channel) = channel {
            out.span(method.line, method.last, Seen::Reach(Box::new(binding(ReachKind::Consume, &channel))));
            idempotency(class, method, &channel, out);
        }
    }
    // Functions are bound when the binder is there: the settings say so.
    if !has_any(&method.annotations, &["Bean"]) {
        return;
    }
    let (takes, gives) = match simple(&method.returns) {
        "Consumer" => (true, false),
        "Supplier" => (false, true),
        "Function" => (true, true),
        _ => return,
    };
    for (wanted, kind, side) in [(takes, ReachKind::Consume, "in"), (gives, ReachKind::Publish, "out")] {
        if wanted {
            let key = format!("${{spring.cloud.stream.bindings.{}-{side}-0.destination}}", method.name);
            let reach = Reach { certain: false, ..reach(kind, "", "stream", Some(key)) };
            out.span(method.line, method.last, Seen::Reach(Box::new(reach)));
        }
    }
}

/// `Sink.INPUT` is `input`.
fn stream_name(scope: Scope<'_>, expr: &Expr) -> Option<String> {
    match expr.name() {
        Some("Sink.INPUT" | "Processor.INPUT") => Some("input".to_owned()),
        Some("Source.OUTPUT" | "Processor.OUTPUT") => Some("output".to_owned()),
        _ => scope.value(expr),
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::{Seen, Sighting};
    use crate::testing::{practices, see};

    fn channels(seen: &[Sighting]) -> Vec<String> {
        let one = |s: &Sighting| match &s.seen {
            Seen::Reach(r) => Some(format!(
                "{:?} {} {}",
                r.kind,
                r.technology.as_deref().unwrap_or("-"),
                r.channel.as_deref().unwrap_or("-")
            )),
            _ => None,
        };
        seen.iter().filter_map(one).collect()
    }

    #[test]
    fn templates_and_listeners() {
        let text = r#"class M {
            static final String Q = "jobs";
            private final KafkaTemplate<String, Order> kafka;
            @Autowired RabbitTemplate rabbit;
            void go(Order o) { kafka.send("orders", o); rabbit.convertAndSend(EX, "key", o); repo.save(o); }
            @KafkaListener(topics = {"a", "${topic.b}"}) void take(Order o) { repo.save(o); }
            @RabbitListener(queues = Q) void job(Job j) { if (!repo.existsById(j.id)) repo.save(j); }
            @RabbitListener(bindings = @QueueBinding(value = @Queue("q1"), exchange = @Exchange("e"))) void q(Job j) { }
        }"#;
        let seen = see("M.java", text);
        assert_eq!(
            channels(&seen),
            [
                "Publish kafka orders",
                "Publish rabbitmq -",
                "Consume kafka a",
                "Consume kafka ${topic.b}",
                "Consume rabbitmq jobs",
                "Consume rabbitmq q1",
            ]
        );
        let practices = practices(&seen);
        assert!(practices.contains(&"ConsumerIdempotency Absent a".to_owned()), "{practices:?}");
        assert!(practices.contains(&"ConsumerIdempotency Present jobs".to_owned()));
    }

    #[test]
    fn streams_are_bound_by_settings() {
        let text = "@EnableBinding(Source.class) class P { }\n class F { @Bean public Consumer<Order> bill() { return o -> x(o); } @StreamListener(Sink.INPUT) void in(Order o) {} }";
        let found = channels(&see("P.java", text));
        assert_eq!(
            found,
            [
                "Publish - ${spring.cloud.stream.bindings.output.destination:output}",
                "Consume - ${spring.cloud.stream.bindings.bill-in-0.destination}",
                "Consume - ${spring.cloud.stream.bindings.input.destination:input}",
            ]
        );
    }
}
