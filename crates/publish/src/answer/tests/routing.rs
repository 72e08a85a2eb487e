//! Questions find their topic, however they are put.

use super::super::{Asked, answer, topics};
use super::fixture::{catalog, domain, empty, full};

/// A topic, and questions of its kind in words of different people.
const QUESTIONS: &[(&str, &[&str])] = &[
    (
        "microservices-or-monolith",
        &[
            "I'm building a social media platform. Should I use microservices or a monolith?",
            "Greenfield fintech, six engineers. Monolith vs microservices?",
            "Do we need microservices for our new shop?",
            "Is a modular monolith enough to begin with?",
            "Three of us build a dating app. My co-founder insists on separate services for chat and profiles from day one. Who is right?",
        ],
    ),
    (
        "consolidate-services",
        &[
            "Twelve engineers maintain 60 microservices and nobody sleeps. Advice?",
            "We have too many services for our small team, how do we get out?",
            "Should we merge our microservices back into one application?",
        ],
    ),
    (
        "split-a-monolith",
        &[
            "How do we split our Rails monolith that 80 engineers work on?",
            "Which part should we extract from the monolith first?",
            "We want to migrate from a monolith to microservices, how?",
        ],
    ),
    (
        "serverless-or-not",
        &[
            "Should we go serverless with Lambda for our API?",
            "Lambda or containers for a spiky workload?",
            "Are cold starts a problem for us?",
        ],
    ),
    (
        "event-driven-or-not",
        &[
            "Should our modules communicate through events or direct calls?",
            "Is an event-driven architecture right for us?",
            "How should our services talk to each other?",
        ],
    ),
    (
        "sizing",
        &[
            "How many servers do we need for 50,000 daily users?",
            "What hardware do I need to run a forum with 2,000 users?",
            "What instance size for a Django app at 100 requests per second?",
            "How many instances and which database for 20k daily users of a booking site in Python?",
        ],
    ),
    (
        "capacity-growth",
        &[
            "Will our current setup hold ten times the traffic on Black Friday?",
            "What breaks first if we grow 20x?",
            "Can this architecture handle a launch with a huge spike?",
        ],
    ),
    (
        "sizing-storage",
        &[
            "How much storage do we need for 3 years of order history?",
            "How big will the database get in two years?",
        ],
    ),
    (
        "database-choice",
        &[
            "PostgreSQL or MongoDB for a catalogue with varying attributes?",
            "Is DynamoDB a better choice than Postgres for a B2B invoicing SaaS with 300 tenants?",
            "Which database should I choose for my marketplace?",
            "SQL vs NoSQL for user profiles?",
            "Should we switch to DynamoDB?",
        ],
    ),
    (
        "sharding",
        &[
            "When should we shard our MySQL?",
            "Is it time for sharding at 2 TB of data?",
            "How to choose a shard key for our orders?",
        ],
    ),
    (
        "scaling-a-database",
        &[
            "Our Postgres CPU is at 90%. What now?",
            "Do read replicas help us?",
            "We run out of database connections at peak",
        ],
    ),
    (
        "feed-design",
        &[
            "Design a news feed where users follow each other",
            "Fan-out on write or on read for our timeline?",
        ],
    ),
    (
        "caching",
        &[
            "Should we add a Redis cache for our listing pages?",
            "How do we invalidate caches for prices?",
            "Category pages take 2 seconds; would Varnish or Redis help?",
        ],
    ),
    (
        "kafka-or-queue",
        &[
            "Do we need Kafka for 200 messages per second?",
            "Our architect proposes Kafka for order events. Good idea?",
            "Kafka or a simple queue for sending invoices?",
        ],
    ),
    (
        "queue-choice",
        &[
            "RabbitMQ vs SQS vs Redis for background messages?",
            "Which message queue should we pick?",
            "Is a queue in Postgres good enough?",
        ],
    ),
    (
        "exactly-once-and-ordering",
        &[
            "How do we get exactly-once processing of payments events?",
            "Our consumers process some messages twice. How do we prevent that?",
            "How to keep events in order per customer?",
        ],
    ),
    (
        "background-jobs",
        &[
            "How should we run background jobs like PDF generation?",
            "Celery jobs pile up at night, what to do?",
        ],
    ),
    (
        "realtime-chat",
        &[
            "We want to build a chat with 50,000 concurrent users",
            "How to scale websockets for live updates?",
            "Architecture for in-app messaging between buyers and sellers?",
        ],
    ),
    (
        "notifications",
        &[
            "How do we send 2 million push notifications and emails a day?",
            "Design a notification system with preferences and digests",
        ],
    ),
    (
        "search",
        &["Do we need Elasticsearch for 300,000 products?", "How should we implement full-text search?"],
    ),
    (
        "analytics",
        &[
            "Our Django app on MySQL serves 3 million page views a day and the nightly reports lock tables. What should we change?",
            "Where should we put analytics events, 5 million per day?",
            "Our reporting queries slow down the production database. ClickHouse or BigQuery?",
            "Customer dashboards over billions of rows, what store?",
        ],
    ),
    (
        "event-sourcing-cqrs",
        &["Should we use event sourcing and CQRS for orders?", "Is CQRS overkill for us?"],
    ),
    (
        "kubernetes-or-not",
        &[
            "Do we need Kubernetes for three services?",
            "ECS or EKS for our SaaS?",
            "Should eight engineers run their own k8s cluster?",
        ],
    ),
    (
        "deployment-strategy",
        &[
            "Blue-green or canary for our API?",
            "How do we deploy several times a day without downtime?",
            "How to run a schema migration on a big table with zero downtime?",
        ],
    ),
    (
        "cloud-or-own-servers",
        &[
            "Should we leave AWS for dedicated servers at Hetzner?",
            "Is a cloud exit worth it at 60,000 dollars a month?",
            "Own hardware or cloud for a steady load?",
        ],
    ),
    (
        "cost-reduction",
        &["Our AWS bill is too high. How do we reduce it?", "How can we cut hosting costs by half?"],
    ),
    (
        "availability-and-disaster-recovery",
        &[
            "How do we reach 99.99% availability?",
            "Do we need a second region?",
            "What RPO and RTO should we plan, and how?",
            "Our customers demand 99.95 uptime. Multi-region?",
        ],
    ),
    (
        "api-style",
        &[
            "REST or GraphQL for our mobile apps?",
            "Should internal services use gRPC?",
            "How should we version our API?",
        ],
    ),
    (
        "api-review",
        &[
            "Here's my current API design. I'm concerned about scalability as we grow.",
            "Please review our REST endpoints",
            "Can you look at this API design and tell us what breaks at scale?",
        ],
    ),
    (
        "auth-multi-tenant",
        &[
            "What's the best way to handle user authentication for a multi-tenant SaaS application?",
            "JWT or sessions for our web app?",
            "How do we add SSO with Okta for enterprise customers?",
            "How should roles and permissions work?",
        ],
    ),
    (
        "tenancy-isolation",
        &[
            "One database per customer or a shared one?",
            "How do we isolate tenants in our SaaS?",
            "A big customer wants their own separate database. What now?",
        ],
    ),
    (
        "payments-review",
        &[
            "I just finished implementing a payment processing service. Can you review the architecture?",
            "Some customers were charged twice, what is wrong?",
            "Review our checkout and billing code",
        ],
    ),
    (
        "payments-design",
        &[
            "How should we integrate Stripe payments into our shop?",
            "Design the payment flow for subscriptions",
        ],
    ),
    (
        "ledger",
        &["How do we design a wallet with balances and transfers?", "Do we need a double-entry ledger?"],
    ),
    (
        "compliance",
        &[
            "What does GDPR mean for our architecture?",
            "We will store patient data in the US. HIPAA requirements?",
            "How do we implement the right to erasure?",
        ],
    ),
    (
        "stack-choice",
        &[
            "Go or Node.js for a new backend?",
            "Which framework should we use for a REST API?",
            "What tech stack do you recommend for a team of Python developers?",
        ],
    ),
    (
        "file-and-media-storage",
        &[
            "Where should we store user uploaded images?",
            "How do we handle video uploads and streaming?",
            "We store 400 GB of PDF scans in PostgreSQL bytea columns. Is that a problem?",
        ],
    ),
    (
        "rate-limiting",
        &[
            "How do we implement rate limiting per customer?",
            "How to protect our API from abusive clients and bots?",
        ],
    ),
    (
        "data-migration",
        &[
            "How do we migrate from MySQL to PostgreSQL without downtime?",
            "Best way to backfill a new column on 500M rows?",
        ],
    ),
    (
        "observability",
        &[
            "What monitoring and alerting do we need?",
            "Should we run our own Prometheus and Grafana or buy Datadog?",
        ],
    ),
    (
        "what-would-change-it",
        &[
            "You recommended a monolith. What would change your mind?",
            "At what point should we move to microservices?",
            "Which assumption would flip the decision?",
        ],
    ),
    (
        "pushback",
        &[
            "Our CTO wants to copy Netflix: microservices, Kafka, Cassandra and Kubernetes for 500 users. Opinions?",
            "Investors demand a web-scale architecture from day one",
        ],
    ),
    (
        "booking-and-inventory",
        &[
            "How do we prevent double bookings of the same room?",
            "Two users bought the last ticket at the same time. How to avoid it?",
            "How to stop overselling stock in a flash sale?",
        ],
    ),
    (
        "iot-ingest",
        &[
            "20,000 sensors report every 10 seconds. What architecture?",
            "How should we store time series from smart meters?",
        ],
    ),
    (
        "distributed-transactions",
        &["How do we keep data consistent across services?", "Saga or two-phase commit for orders?"],
    ),
    (
        "performance",
        &["Our API is slow, p99 is 3 seconds. Where do we begin?", "Requests take 5 seconds at peak"],
    ),
    (
        "rewrite-or-not",
        &["Should we rewrite our PHP application in Go?", "What do we do with our legacy system?"],
    ),
    (
        "quick-start",
        &[
            "I am a solo founder. Simplest stack for an MVP?",
            "Is Supabase good enough for our first version?",
        ],
    ),
    ("consistency", &["Do we need strong consistency?", "What does the CAP theorem mean for us?"]),
    ("security", &["How do we secure our backend?", "What does a threat model for our system look like?"]),
    (
        "provider-choice",
        &["Which cloud should we choose, AWS or Hetzner?", "Should we go multi-cloud to avoid lock-in?"],
    ),
    (
        "global-latency",
        &[
            "Our customers are worldwide, how do we keep latency low?",
            "What would it take to serve European and American customers with low latency?",
        ],
    ),
    ("sharding", &["Is one Postgres enough for 10,000 writes per second?"]),
    ("consolidate-services", &["How should five microservices share one database?"]),
    ("stack-choice", &["Is Python fast enough for 2,000 requests per second?"]),
    ("webhooks", &["How do we deliver webhooks to our customers reliably?"]),
    ("ai-workloads", &["How do we add an LLM feature with embeddings to our backend?"]),
    ("data-model", &["How should I design the schema, and UUID or integer primary keys?"]),
];

#[test]
fn questions_find_their_topic() {
    let catalog = catalog();
    let mut wrong = Vec::new();
    for (expected, questions) in QUESTIONS {
        assert!(catalog.topics.contains_key(*expected), "there is no topic {expected}");
        for question in *questions {
            let ranked = topics(question, None, &catalog);
            let first = ranked.first().map_or("nothing", |(topic, _)| topic.id.as_str());
            if first != *expected {
                let top: Vec<String> =
                    ranked.iter().take(3).map(|(t, s)| format!("{} {s:.1}", t.id)).collect();
                wrong.push(format!("{question}\n    wanted {expected}, got {}", top.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_question_that_says_nothing_is_asked_back() {
    let catalog = catalog();
    let design = empty();
    for question in [
        "What is the best architecture for my app?",
        "How should I build my backend?",
        "I have an idea for a startup, where do I start?",
        "hello",
        "",
    ] {
        let text = answer(&Asked { question, material: None, design: &design, catalog: &catalog })
            .unwrap_or_else(|error| panic!("{error}"));
        assert!(text.starts_with("**That cannot be answered yet"), "{question}: {text}");
    }
}

#[test]
fn a_described_product_gets_the_general_answer() {
    let catalog = catalog();
    let mut design = full(&[]);
    domain(&mut design, "booking");
    let question = "What is the best architecture for my app for physiotherapists?";
    let text = answer(&Asked { question, material: None, design: &design, catalog: &catalog })
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(text.contains("## The decisions"), "{text}");
}
