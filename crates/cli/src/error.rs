//! What can go wrong, and the exit code that tells programs.

use loadcase_engine::EngineError;
use loadcase_engine::proving::Error as Unproven;
use loadcase_mcp::server::{DoorError, HttpError};
use loadcase_model::Diagnostic;

/// How a command ended when nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Fine.
    Fine,
    /// Findings at or above the gate.
    Findings,
    /// No design meets the requirements.
    NoDesign,
}

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The command line cannot be carried out.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
    },
    /// An input cannot be read as what it should be.
    #[error("{}", diagnostic.one_line(name, source_text))]
    Input {
        /// File name, or `brief`.
        name: String,
        /// The text.
        source_text: String,
        /// What is wrong with it.
        diagnostic: Box<Diagnostic>,
    },
    /// An input can be read, but holds nothing that the command is about.
    #[error("{path}: {message}")]
    Nothing {
        /// The input.
        path: String,
        /// What is missing.
        message: &'static str,
    },
    /// A file or folder cannot be read or written.
    #[error("cannot {doing} {path}: {source}")]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// On what.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The engine stopped.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The deliverables could not be written.
    #[error(transparent)]
    Write(#[from] loadcase_publish::WriteError),
    /// The mock server did not start.
    #[error(transparent)]
    Serve(#[from] loadcase_serve::DoorError),
    /// The server for agents did not start.
    #[error(transparent)]
    Mcp(#[from] HttpError),
    /// A documentation server cannot be used.
    #[error("{name} cannot be asked: {why}")]
    Server {
        /// The server.
        name: String,
        /// Why.
        why: String,
    },
    /// A live source that is needed cannot be reached.
    #[error("{0}")]
    Unreached(String),
    /// A fault of Loadcase itself.
    #[error("internal error: {0}")]
    Internal(String),
}

impl CommandError {
    /// What to do about it, where that is not said already.
    pub(crate) fn help(&self) -> Option<&str> {
        use std::io::ErrorKind;
        match self {
            Self::Usage { help, .. } => Some(help),
            Self::Io { doing: "read", source, .. } => Some(match source.kind() {
                ErrorKind::NotFound => "check the name: it is taken from the folder you are in",
                ErrorKind::IsADirectory => "name a file in that folder",
                ErrorKind::NotADirectory => "name a folder",
                _ => return None,
            }),
            Self::Engine(EngineError::Recover(_)) => {
                Some("name the folder of a repository; `forecast`, `simulate` and `verify` take a blueprint")
            }
            Self::Engine(EngineError::Revision(_)) => Some("name what `git rev-parse` knows there"),
            Self::Engine(EngineError::Io { .. }) => Some("name a folder that exists and that you may read"),
            Self::Engine(EngineError::Prove(Unproven::Server(_))) => {
                Some("with --database-url, check host, port and user; without it a private server is started")
            }
            Self::Mcp(HttpError::ShortToken) => Some("`openssl rand -hex 32` makes one"),
            _ => None,
        }
    }

    /// The exit code, the same for every command.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage { .. }
            | Self::Mcp(HttpError::ShortToken | HttpError::Door(DoorError::NotLoopback(_))) => 2,
            Self::Engine(EngineError::Prove(Unproven::NoServer | Unproven::Server(_))) => 5,
            Self::Input { .. }
            | Self::Nothing { .. }
            | Self::Engine(
                EngineError::Prove(_)
                | EngineError::Catalog(_)
                | EngineError::Incomplete(_)
                | EngineError::Recover(_)
                | EngineError::Revision(_)
                | EngineError::Io { .. },
            ) => 3,
            // An input that is not there is bad input; an output that cannot be written is the environment's.
            Self::Io { doing: "read", .. } => 3,
            Self::Unreached(_)
            | Self::Io { .. }
            | Self::Write(_)
            | Self::Serve(_)
            | Self::Mcp(_)
            | Self::Server { .. } => 5,
            Self::Internal(_) | Self::Engine(EngineError::Answer(_)) => 70,
        }
    }
}
