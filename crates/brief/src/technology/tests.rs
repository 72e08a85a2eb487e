//! Technologies as people name them, and how each stands to the user.

use crate::reader::Reader;
use crate::testing::catalog;

/// `stance id` of every mention.
fn mentions(text: &str) -> Vec<String> {
    let brief = Reader::new(catalog()).read(text).brief;
    brief.technologies.iter().map(|t| format!("{:?} {}", t.stance, t.id).to_lowercase()).collect()
}

#[test]
fn stances_follow_the_clause() {
    for (text, expected) in [
        ("We run PostgreSQL.", &["existing postgresql"][..]),
        ("We already use Redis and Kafka.", &["existing redis", "existing kafka"]),
        ("Our MySQL is full.", &["existing mysql"]),
        ("It is written in Java.", &["existing java"]),
        ("Should we introduce Kafka?", &["considered kafka"]),
        ("RabbitMQ or SQS?", &["considered rabbitmq", "considered sqs"]),
        ("Our new DevOps hire wants Kubernetes.", &["considered kubernetes"]),
        ("A consultant proposes Kafka.", &["considered kafka"]),
        ("We plan to put Redis in front of MySQL.", &["considered redis", "existing mysql"]),
        ("We want to use MongoDB.", &["wanted mongodb"]),
        ("It must run on AWS.", &["required aws"]),
        ("We have to use MySQL.", &["required mysql"]),
        ("MySQL is mandatory.", &["required mysql"]),
        ("Use MongoDB.", &["wanted mongodb"]),
        ("We don't want Kubernetes.", &["rejected kubernetes"]),
        ("We use SQS instead of Kafka.", &["existing sqs", "rejected kafka"]),
        ("No Kafka, no Kubernetes.", &["rejected kafka", "rejected kubernetes"]),
        ("The team knows PostgreSQL very well.", &["known postgresql"]),
        ("18 Java developers", &["known java"]),
        ("We have experience with Python.", &["known python"]),
        ("Nobody knows Kafka.", &["considered kafka"]),
        ("Nobody here has Kafka experience.", &["considered kafka"]),
        ("We move from MySQL to PostgreSQL.", &["existing mysql", "wanted postgresql"]),
        ("Should we migrate from MySQL to PostgreSQL?", &["existing mysql", "considered postgresql"]),
        ("A mentor told us to use Kubernetes.", &["considered kubernetes"]),
        ("How many servers for an app written with a typical Python framework?", &["existing python"]),
        ("We are building a shop with FastAPI.", &["wanted fastapi"]),
    ] {
        assert_eq!(mentions(text), expected, "{text}");
    }
}

#[test]
fn ordinary_words_need_technical_company() {
    for (text, expected) in [
        ("We go live in spring and express our thanks.", &[][..]),
        ("Rust never sleeps, gin and tonic.", &[]),
        ("Let us go with it.", &[]),
        ("Where to go?", &[]),
        ("Our services are written in Go.", &["existing go"]),
        ("We have 12 Go services.", &["existing go"]),
        ("a Go backend", &["existing go"]),
        ("We use Java, Go and Rust.", &["existing java", "existing go", "existing rust"]),
        ("We use Express.", &["existing express"]),
        ("We use Spring Boot.", &["existing spring-boot"]),
    ] {
        assert_eq!(mentions(text), expected, "{text}");
    }
}

#[test]
fn the_longest_name_wins_and_is_named_once() {
    assert_eq!(mentions("We run Apache Kafka. Apache Kafka is old."), ["existing kafka"]);
    assert_eq!(mentions("We use Amazon SQS on Amazon Web Services."), ["existing sqs", "existing aws"]);
}
