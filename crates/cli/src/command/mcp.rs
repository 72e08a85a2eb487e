//! `loadcase mcp`: the same powers for agents, on standard input and output or loopback HTTP.

use std::path::PathBuf;
use std::sync::Arc;

use loadcase_mcp::server::{Host, HttpSettings, Roots, Server, Settings, open, secret, serve_stdio, url};

use crate::args;
use crate::command::review::today;
use crate::error::{CommandError, Outcome};
use crate::terminal;

pub(crate) fn run(options: &args::Mcp) -> Result<Outcome, CommandError> {
    let roots = if options.root.is_empty() { vec![PathBuf::from(".")] } else { options.root.clone() };
    let roots = Roots::new(&roots).map_err(|(path, source)| CommandError::Io {
        doing: "read",
        path: path.display().to_string(),
        source,
    })?;
    let state = if options.no_state { None } else { options.state.clone().or_else(state_folder) };
    let today = options.today.as_deref().map(|d| today(Some(d))).transpose()?;
    let host = Arc::new(Host::new(Settings { roots, state, today }));
    let server = Server::new(host, random()?);
    let Some(address) = options.http else {
        serve_stdio(server).map_err(|source| CommandError::Io {
            doing: "read",
            path: "standard input".to_owned(),
            source,
        })?;
        return Ok(Outcome::Fine);
    };
    let (token, made) = match std::env::var(&options.token_env) {
        Ok(token) => (token, false),
        Err(_) => (hex(&random()?), true),
    };
    let settings =
        HttpSettings { address, token: token.clone(), origins: options.allow_origin.clone(), patience: None };
    let door = open(&server, &settings)?;
    terminal::result(&url(&door))?;
    if made {
        terminal::message(&format!("  Authorization: Bearer {token}"));
    }
    terminal::message("Ctrl-C ends it.");
    door.run();
    Ok(Outcome::Fine)
}

fn random() -> Result<[u8; 32], CommandError> {
    secret().map_err(|e| CommandError::Internal(format!("the system gives no random bytes: {e}")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The user's state folder by the conventions of the system; none where no home is known.
fn state_folder() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|h| h.join("Library").join("Application Support"))
    } else {
        folder("XDG_STATE_HOME")
            .filter(|p| p.is_absolute())
            .or_else(|| folder("HOME").map(|h| h.join(".local").join("state")))
    };
    base.map(|b| b.join("loadcase").join("designs"))
}
