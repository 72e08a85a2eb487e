//! One way to ask over HTTP: bounded in time, size, tries and places it can be sent to.

use std::time::{Duration, Instant};

use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body};

use crate::cache::{Cache, Kept};
use crate::text::clean;

/// Bounds of one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Longest time for one try, from the look-up of the name to the last byte.
    pub attempt: Duration,
    /// Longest time for the whole question, with every try and every wait.
    pub whole: Duration,
    /// Most tries.
    pub tries: u32,
    /// First wait between tries; each further one is twice as long.
    pub wait: Duration,
    /// Most bytes of an answer.
    pub bytes: u64,
    /// Days for which an answer that was kept is not asked for again.
    pub fresh_days: i64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(15),
            whole: Duration::from_secs(60),
            tries: 3,
            wait: Duration::from_millis(500),
            bytes: 32 * 1024 * 1024,
            fresh_days: 0,
        }
    }
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// Nobody answers there.
    #[error("no connection: {0}")]
    NoConnection(String),
    /// The answer takes too long.
    #[error("no answer within {0:.1} s")]
    TooSlow(f64),
    /// The answer is too large.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(u64),
    /// The server wants to be asked later.
    #[error("it asks to be left alone{}", .0.map_or_else(String::new, |s| format!(" for {s} s")))]
    Busy(Option<u64>),
    /// The server does not know it.
    #[error("it is not known there")]
    Unknown,
    /// The server sends to another place.
    #[error("it sends to another place: {0}")]
    Elsewhere(String),
    /// The server refuses or fails.
    #[error("status {0}")]
    Status(u16),
    /// The answer is not what it should be.
    #[error("the answer cannot be read: {0}")]
    Malformed(String),
}

/// Why an address cannot be the base of a source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot be asked: use https://, or http:// on this machine")]
pub struct BaseError(String);

/// The base address of a source: encrypted, or on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    origin: String,
    path: String,
    host: String,
}

impl Base {
    /// Reads a base address.
    ///
    /// # Errors
    /// When it is neither encrypted nor on this machine, or carries a name or password.
    pub fn new(address: &str) -> Result<Self, BaseError> {
        let wrong = || BaseError(clean(address));
        let (scheme, rest) = address.split_once("://").ok_or_else(wrong)?;
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let host = host_of(authority);
        let encrypted = scheme == "https" || scheme == "http" && is_here(host);
        let sound = !authority.is_empty() && !authority.contains('@') && !path.contains(['?', '#']);
        if !encrypted || !sound || address.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(wrong());
        }
        Ok(Self {
            origin: format!("{scheme}://{authority}"),
            path: path.trim_end_matches('/').to_owned(),
            host: authority.to_owned(),
        })
    }

    /// Host and port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    fn address(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.path)
    }

    /// Where a redirection leads, when it stays at the same place.
    fn followed(&self, location: &str, from: &str) -> Result<String, Fault> {
        if location.starts_with("//") || location.contains('\\') {
            return Err(Fault::Elsewhere(clean(location)));
        }
        let target = if location.starts_with('/') {
            format!("{}{location}", self.origin)
        } else if location.contains("://") {
            location.to_owned()
        } else {
            let folder = from.rsplit_once('/').map_or(from, |(folder, _)| folder);
            format!("{folder}/{location}")
        };
        let inside = target.strip_prefix(&self.origin).is_some_and(|rest| rest.starts_with('/'));
        if inside { Ok(target) } else { Err(Fault::Elsewhere(clean(location))) }
    }
}

fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_here(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1")
}

/// Most redirections that are followed.
const HOPS: usize = 3;

/// Asks over HTTP.
#[derive(Clone, Debug)]
pub struct Http {
    agent: Agent,
    bounds: Bounds,
    cache: Option<Cache>,
    today: String,
    /// Whether only what was kept is looked at.
    offline: bool,
}

/// An answer and the day it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) body: String,
    pub(crate) day: String,
}

impl Http {
    /// Asks within bounds; `today` is the day that answers are remembered by.
    #[must_use]
    pub fn new(bounds: Bounds, cache: Option<Cache>, today: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(bounds.attempt))
            .max_response_header_size(64 * 1024)
            .user_agent(concat!("loadcase/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: Agent::new_with_config(config), bounds, cache, today: today.to_owned(), offline: false }
    }

    /// Answers from what was kept, and never asks anybody.
    #[must_use]
    pub fn from_cache(cache: Cache, today: &str) -> Self {
        Self { offline: true, ..Self::new(Bounds::default(), Some(cache), today) }
    }

    /// The day that answers are remembered by.
    pub(crate) fn today(&self) -> &str {
        &self.today
    }

    /// Asks for what stands at a path below a base.
    pub(crate) fn get(&self, base: &Base, path: &str) -> Result<Answer, Fault> {
        let address = base.address(path);
        let kept = self.cache.as_ref().and_then(|c| c.get(&address));
        if let Some(kept) = &kept
            && loadcase_facts::days_between(&kept.day, &self.today)
                .is_some_and(|d| (0..self.bounds.fresh_days).contains(&d))
        {
            return Ok(Answer { body: kept.body.clone(), day: kept.day.clone() });
        }
        if self.offline {
            return kept.map(|k| Answer { body: k.body, day: k.day }).ok_or(Fault::Unknown);
        }
        let etag = kept.as_ref().and_then(|k| k.etag.as_deref());
        let mut at = address.clone();
        for _ in 0..=HOPS {
            let response = self.tried(&|agent| {
                let mut request = agent.get(&at).header(header::ACCEPT, "application/json");
                if let Some(etag) = etag {
                    request = request.header(header::IF_NONE_MATCH, etag);
                }
                request.call()
            })?;
            match response {
                Told::Moved(location) => at = base.followed(&location, &at)?,
                Told::Unchanged => {
                    let kept =
                        kept.ok_or_else(|| Fault::Malformed("unchanged, but never sent".to_owned()))?;
                    return Ok(self.keep(Kept { day: self.today.clone(), ..kept }));
                }
                Told::Answer(body, etag) => {
                    return Ok(self.keep(Kept { address, etag, day: self.today.clone(), body }));
                }
            }
        }
        Err(Fault::Elsewhere("in circles".to_owned()))
    }

    /// Sends a question as JSON to a path below a base.
    pub(crate) fn post(&self, base: &Base, path: &str, question: &str) -> Result<Answer, Fault> {
        if self.offline {
            return Err(Fault::Unknown);
        }
        let address = base.address(path);
        let told = self.tried(&|agent| {
            agent
                .post(&address)
                .header(header::ACCEPT, "application/json")
                .header(header::CONTENT_TYPE, "application/json")
                .send(question.as_bytes())
        })?;
        match told {
            Told::Answer(body, _) => Ok(Answer { body, day: self.today.clone() }),
            // A question is not carried to another place.
            Told::Moved(location) => Err(Fault::Elsewhere(clean(&location))),
            Told::Unchanged => Err(Fault::Status(304)),
        }
    }

    fn keep(&self, kept: Kept) -> Answer {
        if let Some(cache) = &self.cache {
            cache.put(&kept);
        }
        Answer { body: kept.body, day: kept.day }
    }

    /// Tries until there is an answer, a fault that will not go away, or no time left.
    fn tried(&self, ask: &dyn Fn(&Agent) -> Result<Response<Body>, ureq::Error>) -> Result<Told, Fault> {
        let until = Instant::now() + self.bounds.whole;
        let mut wait = self.bounds.wait;
        let mut tries = 0;
        loop {
            tries += 1;
            let fault = match ask(&self.agent).map_err(|e| self.fault(&e)).and_then(|r| self.read(r)) {
                Ok(told) => return Ok(told),
                Err(fault) => fault,
            };
            let asked = match &fault {
                Fault::Busy(Some(seconds)) => Duration::from_secs(*seconds),
                Fault::Busy(None) | Fault::NoConnection(_) | Fault::TooSlow(_) => wait,
                Fault::Status(status) if *status >= 500 => wait,
                _ => return Err(fault),
            };
            // Whoever asks for a longer wait than there is time gets none, and no further try.
            if tries >= self.bounds.tries || Instant::now() + asked + self.bounds.attempt > until {
                return Err(fault);
            }
            std::thread::sleep(asked);
            wait *= 2;
        }
    }

    fn fault(&self, error: &ureq::Error) -> Fault {
        match error {
            ureq::Error::Timeout(_) => Fault::TooSlow(self.bounds.attempt.as_secs_f64()),
            ureq::Error::BodyExceedsLimit(_) => Fault::TooLarge(self.bounds.bytes),
            ureq::Error::HostNotFound => Fault::NoConnection("the name does not resolve".to_owned()),
            ureq::Error::Io(e) if e.kind() == std::io::ErrorKind::TimedOut => {
                Fault::TooSlow(self.bounds.attempt.as_secs_f64())
            }
            // A resolver's words differ by system.
            ureq::Error::Io(e) if e.to_string().contains("lookup address") => {
                Fault::NoConnection("the name does not resolve".to_owned())
            }
            ureq::Error::Protocol(e) => Fault::Malformed(clean(&e.to_string())),
            other => Fault::NoConnection(clean(&other.to_string())),
        }
    }

    fn read(&self, response: Response<Body>) -> Result<Told, Fault> {
        let text = |name| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let (status, etag) = (response.status(), text(header::ETAG));
        match status {
            StatusCode::NOT_MODIFIED => return Ok(Told::Unchanged),
            StatusCode::NOT_FOUND | StatusCode::GONE => return Err(Fault::Unknown),
            StatusCode::TOO_MANY_REQUESTS => {
                return Err(Fault::Busy(text(header::RETRY_AFTER).and_then(|v| v.trim().parse().ok())));
            }
            // Other answers of success are none: "accepted" is not there yet.
            StatusCode::OK => {}
            _ if status.is_redirection() => {
                let location = text(header::LOCATION);
                return location.map(Told::Moved).ok_or(Fault::Status(status.as_u16()));
            }
            _ => return Err(Fault::Status(status.as_u16())),
        }
        let bytes = response
            .into_body()
            .into_with_config()
            .limit(self.bounds.bytes)
            .read_to_vec()
            .map_err(|e| self.fault(&e))?;
        let body = String::from_utf8(bytes).map_err(|_| Fault::Malformed("it is no text".to_owned()))?;
        Ok(Told::Answer(body, etag))
    }
}

/// What a server told.
enum Told {
    Answer(String, Option<String>),
    Unchanged,
    Moved(String),
}

#[cfg(test)]
mod tests {
    use super::Base;

    #[test]
    fn bases_are_encrypted_or_on_this_machine() {
        for fine in
            ["https://example.org/api/v1", "http://127.0.0.1:8080", "http://localhost:1/x/", "http://[::1]:9"]
        {
            assert!(Base::new(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "http://example.org",
            "ftp://example.org",
            "https://user:password@example.org",
            "https://",
            "example.org",
            "https://example.org/?x=1",
            "http://127.0.0.1.example.org",
            "https://example.org/ x",
        ] {
            assert!(Base::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn redirections_stay_at_the_same_place() {
        let base = Base::new("https://example.org/api").expect("a base");
        let to = |location: &str| base.followed(location, "https://example.org/api/products/a");
        assert_eq!(to("/api/products/b").as_deref(), Ok("https://example.org/api/products/b"));
        assert_eq!(to("b").as_deref(), Ok("https://example.org/api/products/b"));
        assert_eq!(to("https://example.org/api/b").as_deref(), Ok("https://example.org/api/b"));
        for away in [
            "http://example.org/api/b",
            "https://evil.example/x",
            "//evil.example/x",
            "https://example.org.evil.example/x",
            "file:///etc/passwd",
        ] {
            assert!(to(away).is_err(), "{away}");
        }
    }
}
