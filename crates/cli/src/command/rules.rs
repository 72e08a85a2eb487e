//! `loadcase rules`: the rules of reviews.

use loadcase_engine::reviewing::{Family, Rule, all};
use loadcase_publish::Deliverable;

use crate::args;
use crate::error::{CommandError, Outcome};
use crate::terminal;

pub(crate) fn run(options: &args::Rules) -> Result<Outcome, CommandError> {
    if let Some(family) = &options.family
        && !Family::ALL.iter().any(|f| f.name() == family)
    {
        let names: Vec<&str> = Family::ALL.iter().map(|f| f.name()).collect();
        return Err(CommandError::Usage {
            message: format!("there is no family `{family}`"),
            help: format!("the families are {}", names.join(", ")),
        });
    }
    let chosen: Vec<&Rule> =
        all().filter(|r| options.family.as_deref().is_none_or(|f| f == r.family.name())).collect();
    if let Some(folder) = &options.out {
        let pages: Vec<Deliverable> = chosen
            .iter()
            .map(|r| Deliverable {
                path: format!("{}/{}.md", r.family.name(), r.id),
                text: r.documentation(),
            })
            .collect();
        let report = loadcase_publish::write(folder, &pages)?;
        terminal::message(&format!(
            "{}: {} written, {} unchanged",
            folder.display(),
            report.written.len(),
            report.unchanged.len()
        ));
        return Ok(Outcome::Fine);
    }
    let mut out = String::new();
    for family in Family::ALL {
        let of: Vec<&&Rule> = chosen.iter().filter(|r| r.family == family).collect();
        if of.is_empty() {
            continue;
        }
        out.push_str(&format!("{} ({})\n", family.name(), of.len()));
        for rule in of {
            let numbers = if rule.needs_numbers { " [numbers]" } else { "" };
            out.push_str(&format!("  {:<38} {:<8} {}{numbers}\n", rule.id, rule.severity.name(), rule.fault));
        }
    }
    terminal::result(&out)?;
    Ok(Outcome::Fine)
}
