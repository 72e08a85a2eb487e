//! `loadcase explain`: everything the catalog knows, and help with a misspelt word.

use crate::run::loadcase;

#[test]
fn everything_in_the_catalog_can_be_explained() {
    let index = loadcase(&["explain"]).end().fine().out;
    for word in ["topology", "social", "postgresql", "transactional-outbox", "utilisation"] {
        assert!(index.contains(word), "{word}");
        let text = loadcase(&["explain", word]).end().fine().out;
        assert!(text.len() > 100, "{word}: {text}");
    }
}

#[test]
fn names_and_other_words_work_too() {
    for words in [&["PostgreSQL"][..], &["transactional", "outbox"], &["Modular monolith"], &["postgres"]] {
        let mut arguments = vec!["explain"];
        arguments.extend(words);
        loadcase(&arguments).end().fine();
    }
}

#[test]
fn a_misspelt_word_gets_suggestions() {
    let ended = loadcase(&["explain", "postgrsql"]).end().ended_with(2);
    assert_eq!(ended.out, "");
    assert!(ended.err.contains("did you mean") && ended.err.contains("postgresql"), "{}", ended.err);
}

#[test]
fn a_word_like_no_other_gets_the_list() {
    let ended = loadcase(&["explain", "xqzwv"]).end().ended_with(2);
    assert!(ended.err.contains("loadcase explain"), "{}", ended.err);
}
