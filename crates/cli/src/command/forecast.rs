//! `loadcase forecast`: what the capacity model says of a blueprint.

use loadcase_engine::Session;

use crate::args::{self, ForecastFormat};
use crate::command::design::project;
use crate::error::{CommandError, Outcome};
use crate::{input, terminal};

pub(crate) fn run(options: &args::Forecast) -> Result<Outcome, CommandError> {
    let session = Session::open(project(None))?;
    let blueprint = input::blueprint(&session, &options.blueprint)?;
    let forecasts = session.forecast(&blueprint);
    match options.format {
        ForecastFormat::Json => {
            let text = serde_json::to_string_pretty(&forecasts)
                .map_err(|e| CommandError::Internal(e.to_string()))?;
            terminal::result(&text)?;
        }
        ForecastFormat::Md => {
            let report = loadcase_publish::loads(&blueprint, &forecasts);
            terminal::result(&(report + &loadcase_publish::fidelity::section(session.catalog())))?;
        }
    }
    Ok(Outcome::Fine)
}
