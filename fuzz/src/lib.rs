//! What the targets share.

use std::sync::{Arc, LazyLock};

use loadcase_catalog::Catalog;
use loadcase_mcp::server::{Host, Roots, Settings};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| loadcase_catalog::load_embedded().expect("the embedded catalog is sound"));

/// Surveys a repository of one file: the first byte chooses its path, the others are its content. Every place in the
/// result must lie inside the file.
pub fn survey(paths: &[&str], bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let Some(path) = paths.get(usize::from(*first) % paths.len()) else { return };
    let survey = loadcase_recover::recover_text(path, rest, &CATALOG);
    let lines = rest.iter().filter(|b| **b == b'\n').count() + 1;
    assert!(survey.failed.iter().all(|f| !f.reason.contains("the extractor stopped")), "{:?}", survey.failed);
    let places = survey.practices.iter().map(|p| &p.place).chain(survey.libraries.iter().map(|l| &l.place));
    for place in places {
        assert!((1..=lines + 1).contains(&place.line), "{place:?} of {lines} lines");
    }
}

/// A server for agents that may touch one empty folder and keeps nothing.
pub static HOST: LazyLock<Arc<Host>> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("loadcase-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let roots = Roots::new(&[folder]).expect("it is there");
    Arc::new(Host::new(Settings { roots, state: None, today: Some("2026-11-23".to_owned()) }))
});
