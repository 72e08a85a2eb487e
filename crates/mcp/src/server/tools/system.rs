//! The system that a call speaks of: a design made before, a blueprint file, or the text of one.

use loadcase_engine::{Session, System};
use loadcase_model::Brief;

use crate::server::host::{Host, bounded};
use crate::server::refusal::Refusal;

/// The file beside a blueprint that holds the brief it was designed for.
const BRIEF: &str = "brief.json";

/// The system, from the one of design, file and text that is given.
pub(super) fn system(
    host: &Host,
    session: &Session,
    named: (&Option<String>, &Option<String>, &Option<String>),
) -> Result<System, Refusal> {
    match named {
        (Some(id), None, None) => {
            let design = host.design(id)?;
            Ok(System { blueprint: design.blueprint.clone(), brief: Some(design.brief.clone()) })
        }
        (None, Some(file), None) => {
            let blueprint = host.blueprint(session, &host.text(file)?, file)?;
            Ok(System { blueprint, brief: brief_beside(host, file)? })
        }
        (None, None, Some(text)) => {
            bounded("blueprint", text)?;
            Ok(System { blueprint: host.blueprint(session, text, "the blueprint")?, brief: None })
        }
        _ => Err(Refusal::new(
            "one of `design_id`, `blueprint_file` and `blueprint` is needed",
            "give exactly one of them",
        )),
    }
}

/// The brief that lies beside a blueprint, when one does.
fn brief_beside(host: &Host, file: &str) -> Result<Option<Brief>, Refusal> {
    let beside = std::path::Path::new(file).with_file_name(BRIEF);
    let Some(beside) = beside.to_str().filter(|b| host.roots().existing(b).is_ok()) else { return Ok(None) };
    serde_json::from_str(&host.text(beside)?).map(Some).map_err(|e| {
        Refusal::new(format!("{beside}: {e}"), "`design` with `out` writes it; remove it to go without")
    })
}
