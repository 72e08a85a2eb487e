//! `loadcase mock`: the contract of a blueprint, answered on loopback.

use loadcase_engine::Session;
use loadcase_publish::contracts::{self, Options, Style, Version};
use loadcase_serve::{BOUNDS, CREDENTIALS, Mock, MockError, open};

use crate::args;
use crate::command::design::project;
use crate::error::{CommandError, Outcome};
use crate::{input, terminal};

pub(crate) fn run(options: &args::Mock) -> Result<Outcome, CommandError> {
    let session = Session::open(project(None))?;
    let blueprint = input::blueprint(&session, &options.blueprint)?;
    let contract = contracts::contract(&blueprint, Options { style: Style::Rest, tokens: options.tokens });
    if let Some(path) = &options.openapi {
        let files = contracts::files(&contract, Version::V31);
        let document = files.iter().find(|f| f.path == "openapi.yaml").map_or("", |f| f.text.as_str());
        loadcase_publish::replace(path, document)?;
    }
    let mock = Mock::new(contract).map_err(|error| match error {
        MockError::Nothing => CommandError::Usage {
            message: error.to_string(),
            help: "a blueprint with operations of kind request, webhook or stream is needed".to_owned(),
        },
        MockError::Schema(..) => CommandError::Internal(error.to_string()),
    })?;
    let door = open(mock, options.port, BOUNDS)?;
    terminal::result(&format!("http://{}", door.address()))?;
    for (header, value) in CREDENTIALS {
        terminal::message(&format!("  {header}: {value}"));
    }
    terminal::message(
        "A value ending in -forbidden lacks the permission. Rows last as long as this process; Ctrl-C ends it.",
    );
    door.run();
    Ok(Outcome::Fine)
}
