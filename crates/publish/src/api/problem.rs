//! Problems (RFC 9457): the kinds that calls answer with, the same in every language.

use serde_json::{Value, json};

use super::contract::{Answer, Call, CallKind};

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Name of the response in OpenAPI.
    pub name: &'static str,
    /// The end of the `type`.
    pub kind: &'static str,
    /// The kind in words.
    pub title: &'static str,
    /// An example of what went wrong.
    pub detail: &'static str,
}

/// All kinds, by status.
pub const PROBLEMS: &[Problem] = &[
    Problem {
        status: 400,
        name: "BadRequest",
        kind: "bad-request",
        title: "The request cannot be read",
        detail: "The parameter limit is not a number.",
    },
    Problem {
        status: 401,
        name: "Unauthorized",
        kind: "unauthorized",
        title: "Sign in first",
        detail: "The credentials are missing or have expired.",
    },
    Problem {
        status: 403,
        name: "Forbidden",
        kind: "forbidden",
        title: "You may not do this",
        detail: "The credentials lack a permission that the operation needs.",
    },
    Problem {
        status: 404,
        name: "NotFound",
        kind: "not-found",
        title: "There is no such thing, or it is not yours",
        detail: "No row with this identifier is visible to you.",
    },
    Problem {
        status: 409,
        name: "Conflict",
        kind: "conflict",
        title: "It exists already, or another request with this key is under way",
        detail: "Another row has this value already.",
    },
    Problem {
        status: 412,
        name: "PreconditionFailed",
        kind: "changed-meanwhile",
        title: "Somebody changed it after you read it",
        detail: "Read it again, apply the change to what it is now, and send the new version.",
    },
    Problem {
        status: 415,
        name: "UnsupportedMediaType",
        kind: "unsupported-media-type",
        title: "This kind of content is not taken",
        detail: "Send application/json.",
    },
    Problem {
        status: 422,
        name: "UnprocessableContent",
        kind: "invalid",
        title: "Some fields are wrong",
        detail: "One field does not keep to its constraints.",
    },
    Problem {
        status: 428,
        name: "PreconditionRequired",
        kind: "version-required",
        title: "Say which version you change",
        detail: "Send the ETag of the version you read in If-Match.",
    },
    Problem {
        status: 429,
        name: "TooManyRequests",
        kind: "too-many-requests",
        title: "Too many requests",
        detail: "The quota of this minute is used up.",
    },
    Problem {
        status: 500,
        name: "InternalServerError",
        kind: "internal",
        title: "Something went wrong on our side",
        detail: "The occurrence is recorded; quote its instance to support.",
    },
];

/// The problem of a status.
#[must_use]
pub fn of_status(status: u16) -> Option<&'static Problem> {
    PROBLEMS.iter().find(|p| p.status == status)
}

impl Problem {
    /// A body of this kind.
    #[must_use]
    pub fn body(&self, detail: &str) -> Value {
        json!({"type": format!("/problems/{}", self.kind), "title": self.title, "status": self.status, "detail": detail})
    }
}

/// The problems a call may answer with.
#[must_use]
pub fn of_call(call: &Call) -> Vec<&'static Problem> {
    let probe = call.kind == CallKind::Probe;
    let body = call.body.is_some();
    let applies = |p: &&Problem| match p.status {
        400 | 429 | 500 => true,
        // A caller may always send credentials that are wrong.
        401 => !probe,
        403 => !call.access.anonymous && !call.access.roles.is_empty(),
        404 => !call.path_fields.is_empty(),
        409 => call.keyed || matches!(call.answer, Answer::Created(_)),
        412 | 428 => call.guarded,
        415 | 422 => body,
        _ => false,
    };
    PROBLEMS.iter().filter(applies).collect()
}
