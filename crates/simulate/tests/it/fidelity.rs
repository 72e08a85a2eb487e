//! What tests found, as the fidelity page shows it: long runs write it, short runs hold the page to it.

use loadcase_catalog::{MeasuredError, load_embedded};
use loadcase_model::Unit;

/// Writes numbers into a file of the page when `LOADCASE_MEASURED` names the day.
pub(crate) fn write(page: &str, source: &str, numbers: &[(&str, f64, Unit)]) {
    let Ok(day) = std::env::var("LOADCASE_MEASURED") else { return };
    let path = format!("{}/../../catalog/fidelity/{page}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("the page is there");
    let head = text.split("measured:").next().unwrap_or_default();
    let lines: String = numbers
        .iter()
        .map(|(what, value, unit)| {
            let rounded = if *value < 1.0 { (value * 1e5).round() / 1e5 } else { value.round() };
            let unit = if *unit == Unit::Share { "share" } else { "\"1\"" };
            format!("  - {{what: \"{what}\", value: {rounded}, unit: {unit}, source: {source}, as_of: \"{day}\"}}\n")
        })
        .collect();
    std::fs::write(&path, format!("{head}measured:\n{lines}")).expect("the page can be written");
}

/// A number of the page.
pub(crate) fn told(page: &str, what: &str) -> f64 {
    let catalog = load_embedded().expect("the embedded catalog is well-formed");
    let part = catalog.fidelity.values().find(|p| p.id.as_str() == page).expect("the page has this part");
    let found: Option<&MeasuredError> = part.measured.iter().find(|m| m.what == what);
    found.unwrap_or_else(|| panic!("{page} does not say: {what}")).value
}
