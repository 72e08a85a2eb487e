//! `loadcase ask`: the verdict first, the arithmetic, and no invented product.

use crate::honesty::QUESTIONS;
use crate::run::{SOCIAL, loadcase};

fn answer(question: &str) -> String {
    loadcase(&["ask", question]).end().fine().out
}

#[test]
fn the_verdict_comes_first() {
    let text = answer(SOCIAL);
    let first = text.split("\n\n").next().unwrap_or("").to_lowercase();
    assert!(first.contains("monolith"), "{text}");
    let text = answer("Should we introduce Kafka for 50 orders per minute?");
    assert!(text.trim_start().trim_start_matches('*').starts_with("No"), "{text}");
}

#[test]
fn too_little_to_answer_from_gets_questions_and_no_invented_product() {
    let text = answer("What is the best architecture for my app?");
    assert!(text.matches('?').count() >= 3, "{text}");
    let lower = text.to_lowercase();
    for invented in ["social network", "your shop", "your feed", "your orders", "your devices", "telemetry"] {
        assert!(!lower.contains(invented), "{invented}: {text}");
    }
}

#[test]
fn each_question_gets_its_own_answer() {
    let answers: Vec<String> = QUESTIONS.iter().map(|q| answer(q)).collect();
    for (i, one) in answers.iter().enumerate() {
        assert!(one.len() > 300, "{}: {one}", QUESTIONS[i]);
        assert!(answers.iter().skip(i + 1).all(|other| other != one), "{}", QUESTIONS[i]);
    }
}

#[test]
fn material_is_looked_at() {
    let folder = tempfile::tempdir().expect("a folder");
    let code = "def pay(request):\n    order = db.get(request.order_id)\n    stripe.charges.create(amount=order.total)\n    db.save(order)\n";
    std::fs::write(folder.path().join("pay.py"), code).expect("written");
    let question =
        "I just finished implementing a payment processing service. Can you review the architecture?";
    let ended = loadcase(&["ask", question, "--material", "pay.py"]).inside(folder.path()).end().fine();
    assert!(ended.out.contains("line 3") || ended.out.contains("stripe.charges.create"), "{}", ended.out);
}

#[test]
fn the_same_question_gets_the_same_bytes() {
    assert_eq!(answer(QUESTIONS[2]), answer(QUESTIONS[2]));
}
