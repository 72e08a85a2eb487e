//! A contract that answers: requests are checked as the contract says, answers come from rows that last as long as
//! the process.

mod answer;
mod check;
mod proof;
mod route;
mod rows;
mod wire;

use std::collections::BTreeMap;

use loadcase_publish::contracts::{Call, Contract, Version, openapi, problem};
use serde_json::{Value, json};

use check::Checks;
use route::{Found, Routes};
use rows::Rows;

/// What a caller sends to prove who they are, by scheme: header and value.
pub const CREDENTIALS: &[(&str, &str)] = proof::CREDENTIALS;

/// A request, without its connection.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Method, upper case.
    pub method: String,
    /// Path, still encoded.
    pub path: String,
    /// Query, still encoded.
    pub query: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The first value of a header, its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// An answer, without its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a contract cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum MockError {
    /// Nothing is asked over HTTP.
    #[error("the contract has nothing that is asked over HTTP")]
    Nothing,
    /// A schema of the contract cannot be used: a mistake in its making.
    #[error("the schema of {0} cannot be used: {1}")]
    Schema(String, String),
}

/// Answers to requests with a key, kept for repetition: most of them.
const KEPT: usize = 10_000;

/// A contract and its rows.
pub struct Mock {
    contract: Contract,
    routes: Routes,
    checks: Checks,
    rows: Rows,
    /// Call and key, with what was asked and what was answered.
    kept: BTreeMap<String, (Vec<u8>, Reply)>,
}

impl Mock {
    /// Rows for a contract, and checks of what is sent.
    ///
    /// # Errors
    /// When nothing is asked over HTTP.
    pub fn new(contract: Contract) -> Result<Self, MockError> {
        let document = openapi(&contract, Version::V31).ok_or(MockError::Nothing)?;
        let checks = Checks::new(&contract, &document)?;
        Ok(Self {
            routes: Routes::new(&contract),
            checks,
            rows: Rows::new(&contract),
            kept: BTreeMap::new(),
            contract,
        })
    }

    /// Answers a request.
    pub fn answer(&mut self, request: &Request) -> Reply {
        let mut reply = self.answered(request);
        reply.headers.push(("RateLimit", "\"default\";r=99;t=60".to_owned()));
        reply.headers.push(("RateLimit-Policy", "\"default\";q=100;w=60".to_owned()));
        reply
            .headers
            .push(("Access-Control-Allow-Origin", format!("https://app.{}.invalid", self.contract.slug)));
        reply
    }

    fn answered(&mut self, request: &Request) -> Reply {
        let (index, path) = match self.routes.find(&request.method, &request.path) {
            Found::Call(index, path) => (index, path),
            Found::Preflight(allow) => return preflight(&allow),
            Found::OtherMethods(allow) => {
                let mut reply = refuse(405, "This address does not take this method.");
                reply.headers.push(("Allow", allow));
                return reply;
            }
            Found::Nothing => return refuse(404, "The contract has no such address."),
        };
        let call = self.contract.calls[index].clone();
        if let Err(reply) = proof::check(&call, request) {
            return reply;
        }
        if let Err(reply) = wire::acceptable(&call, request) {
            return reply;
        }
        let asked = match self.checks.asked(&self.contract, index, &call, request, &path) {
            Ok(asked) => asked,
            Err(reply) => return reply,
        };
        if !call.keyed {
            return self.act(&call, &asked);
        }
        self.once(&call, &asked, request)
    }

    /// Acts at most once for each key: the same key gets the same answer, and never another body.
    fn once(&mut self, call: &Call, asked: &check::Asked, request: &Request) -> Reply {
        let key = format!("{} {}", call.name, request.header("idempotency-key").unwrap_or_default());
        let mut said = request.path.clone().into_bytes();
        said.extend_from_slice(&request.body);
        if let Some((before, reply)) = self.kept.get(&key) {
            if *before != said {
                return refuse(422, "This key was used with another request.");
            }
            let mut reply = reply.clone();
            reply.headers.push(("Idempotency-Replayed", "true".to_owned()));
            return reply;
        }
        let reply = self.act(call, asked);
        if reply.status < 300 {
            if self.kept.len() >= KEPT {
                self.kept.clear();
            }
            self.kept.insert(key, (said, reply.clone()));
        }
        reply
    }

    fn act(&mut self, call: &Call, asked: &check::Asked) -> Reply {
        answer::act(&self.contract, &self.routes, &mut self.rows, call, asked)
    }

    /// The contract that is answered.
    #[must_use]
    pub const fn contract(&self) -> &Contract {
        &self.contract
    }
}

fn preflight(allow: &str) -> Reply {
    Reply {
        status: 204,
        headers: vec![
            ("Allow", allow.to_owned()),
            ("Access-Control-Allow-Methods", allow.to_owned()),
            (
                "Access-Control-Allow-Headers",
                "Authorization, Content-Type, Idempotency-Key, If-Match, X-API-Key, X-CSRF-Token".to_owned(),
            ),
            ("Access-Control-Max-Age", "600".to_owned()),
        ],
        body: Vec::new(),
    }
}

/// A problem as an answer.
#[must_use]
pub(crate) fn refuse(status: u16, detail: &str) -> Reply {
    refused_for(status, detail, &[])
}

/// A problem with the fields at fault.
pub(crate) fn refused_for(status: u16, detail: &str, errors: &[(String, String)]) -> Reply {
    let detail: String = detail.chars().filter(|c| !c.is_control()).take(500).collect();
    let mut body = problem(status).map_or_else(
        || json!({"type": "about:blank", "title": other(status), "status": status, "detail": detail}),
        |p| p.body(&detail),
    );
    if !errors.is_empty() {
        let clean = |text: &str| text.chars().filter(|c| !c.is_control()).take(500).collect::<String>();
        let list: Vec<Value> = errors
            .iter()
            .take(100)
            .map(|(at, what)| json!({"pointer": clean(at), "detail": clean(what)}))
            .collect();
        body["errors"] = Value::Array(list);
    }
    Reply {
        status,
        headers: vec![("Content-Type", "application/problem+json".to_owned())],
        body: body.to_string().into_bytes(),
    }
}

const fn other(status: u16) -> &'static str {
    match status {
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        413 => "Content Too Large",
        _ => "Problem",
    }
}
