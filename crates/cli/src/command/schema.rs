//! `loadcase schema`: the JSON Schemas of the file formats.

use crate::args::{self, SchemaOf};
use crate::error::{CommandError, Outcome};
use crate::terminal;

pub(crate) fn run(options: &args::Schema) -> Result<Outcome, CommandError> {
    let schema = match options.of {
        SchemaOf::Brief => schemars::schema_for!(loadcase_brief::BriefFile),
        SchemaOf::Blueprint => schemars::schema_for!(loadcase_model::Blueprint),
        SchemaOf::Design => schemars::schema_for!(loadcase_model::Design),
        SchemaOf::Survey => schemars::schema_for!(loadcase_model::Survey),
        SchemaOf::Review => schemars::schema_for!(loadcase_model::Review),
        SchemaOf::Diff => schemars::schema_for!(loadcase_model::Difference),
        SchemaOf::Proofs => schemars::schema_for!(loadcase_model::Proofs),
        SchemaOf::Simulation => schemars::schema_for!(loadcase_model::Simulation),
        SchemaOf::WhatIf => schemars::schema_for!(loadcase_model::WhatIf),
        SchemaOf::Compare => schemars::schema_for!(loadcase_model::Duel),
        SchemaOf::Verification => schemars::schema_for!(loadcase_model::Verification),
        SchemaOf::Lifecycle => schemars::schema_for!(loadcase_catalog::Lifecycle),
        SchemaOf::Package => schemars::schema_for!(loadcase_catalog::PackageFact),
        SchemaOf::Advisory => schemars::schema_for!(loadcase_catalog::AdvisoryRecord),
        SchemaOf::Technology => schemars::schema_for!(loadcase_catalog::Technology),
        SchemaOf::Pattern => schemars::schema_for!(loadcase_catalog::Pattern),
        SchemaOf::Domain => schemars::schema_for!(loadcase_catalog::Domain),
        SchemaOf::Decision => schemars::schema_for!(loadcase_catalog::DecisionSpec),
        SchemaOf::Topic => schemars::schema_for!(loadcase_catalog::Topic),
        SchemaOf::Scenario => schemars::schema_for!(loadcase_catalog::Scenario),
        SchemaOf::Remedy => schemars::schema_for!(loadcase_catalog::Remedy),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(|e| CommandError::Internal(e.to_string()))?;
    terminal::result(&text)?;
    Ok(Outcome::Fine)
}
