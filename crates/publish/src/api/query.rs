//! What changes nothing here: reads, streams, messages of other systems, and the way in.

use loadcase_model::{AccessKind, Id, Operation};

use super::contract::{Answer, Effect, Form, Page, Record, Text};
use super::draft::{Asked, Draft, MOST_ROWS};
use super::entity::is_account;
use super::filter;
use super::naming::snake;
use super::read::{Read, understand};
use super::rows::{most, plain, round_up, token};
use crate::text::words;

impl<'a> Draft<'a> {
    pub(super) fn webhook(&mut self) -> Asked {
        let record = self.records.named("webhook", "WebhookEvent", |_| Record {
            about: "A message of another system, in its own form: any JSON. It is kept as it came, and read by the sender's adapter. It may come twice and out of order: remember the identifier the sender gave it, and ask the sender for the truth where money hangs on it.".to_owned(),
            any: true,
            ..Record::default()
        });
        let mut asked = Asked::new(None, Answer::Done, Effect::None);
        asked.body = Some((record, true));
        asked
    }

    pub(super) fn stream(&mut self) -> Asked {
        let record = self.records.object(
            "stream",
            "StreamEvent",
            "Something that happened. After a break, send the last id in the header `Last-Event-ID`.",
            vec![
                plain("id", token(64, "^[A-Za-z0-9._-]+$", "1842"), true, "Place in the stream."),
                plain("type", token(120, "^[a-z0-9._-]+$", "record.changed"), true, "What happened."),
                plain("occurred_at", Form::Time, true, "When (UTC)."),
                plain("data", Form::Document, true, "What it is about."),
            ],
        );
        Asked::new(None, Answer::Stream(record), Effect::None)
    }

    pub(super) fn query(&mut self, name: &str, operation: &'a Operation, path: &str, open: bool) -> Asked {
        match understand(self.blueprint, operation, path) {
            Read::Page(main, with) => {
                let limit =
                    Page { usual: round_up(main.rows).clamp(10, 10_000), most: most(main.rows, MOST_ROWS) };
                let row =
                    self.records.row(&main.entity, open || self.is_hidden(operation, &main.entity, path));
                let parts = self.parts(&row);
                let row = if parts.is_empty() { row } else { self.records.part(&row) };
                let page = self.records.page(name, &row, limit.most, &with);
                let mut asked = Asked::new(Some(main.entity.clone()), Answer::Page(page, row), Effect::None);
                asked.parts = parts;
                asked.sorts = filter::sorts(operation, main);
                asked.filters = filter::of_page(self.blueprint, operation, main, path);
                asked.page = Some(limit);
                asked.loads = with.iter().map(|a| words(a.entity.as_str())).collect();
                asked
            }
            Read::One(main, with) => {
                let open = open || self.is_hidden(operation, &main.entity, path);
                let record = self.records.whole(name, &main.entity, &with, open);
                let mut asked = Asked::new(Some(main.entity.clone()), Answer::One(record), Effect::None);
                asked.loads = with
                    .iter()
                    .filter(|a| a.kind == AccessKind::ReadMany)
                    .map(|a| words(a.entity.as_str()))
                    .collect();
                asked
            }
            Read::View(parts) => {
                let record = self.records.view(name, &operation.name, &parts, open);
                let mut asked = Asked::new(None, Answer::One(record), Effect::None);
                asked.filters = filter::of_view(self.blueprint, &parts, path);
                asked.loads = parts
                    .iter()
                    .filter(|a| a.kind == AccessKind::ReadMany)
                    .map(|a| words(a.entity.as_str()))
                    .collect();
                asked
            }
            Read::Nothing => Asked::new(None, Answer::Done, Effect::None),
        }
    }

    /// Whether an account is shown to others than its owner and staff.
    fn is_hidden(&self, operation: &Operation, entity: &Id, path: &str) -> bool {
        const STAFF: &[&str] =
            &["admin", "operator", "support", "owner", "clinician", "staff", "clerk", "host"];
        let own = path.split('/').any(|s| s == "me");
        let staff = operation.roles.iter().all(|r| STAFF.contains(&r.as_str()));
        is_account(self.blueprint, entity) && !own && !staff
    }

    /// The fields a caller of a list may choose from: offered where rows hold long texts or documents.
    fn parts(&self, row: &str) -> Vec<String> {
        let Some(record) = self.records.made.get(row) else { return Vec::new() };
        let wide = record.fields.iter().any(|f| match &f.form {
            Form::Document | Form::Documents(_) => true,
            Form::Text(text) => *text == Text::LONG,
            _ => false,
        });
        let named = record.fields.iter().any(|f| f.name == "id");
        if wide && named { record.fields.iter().map(|f| f.name.clone()).collect() } else { Vec::new() }
    }

    /// Who forgot a password names an address; the answer is the same whether it is known or not.
    pub(super) fn forgotten(&mut self, operation: &Operation, path: &str) -> Option<Asked> {
        let by_mail =
            |a: &loadcase_model::Access| a.kind == AccessKind::ReadOne && a.by.iter().any(|k| *k == *"email");
        let forgotten = path.ends_with("/password-resets") && operation.accesses.iter().any(by_mail);
        if !forgotten {
            return None;
        }
        let address =
            vec![plain("email", Form::Email, true, "The address the link is sent to, where it is known.")];
        let mut asked = Asked::new(None, Answer::Accepted, Effect::None);
        asked.body = self.record_of("forgotten", "passwordReset", address);
        Some(asked)
    }

    /// Signing in: a session is made for who proves to be somebody.
    pub(super) fn sign_in(&mut self, operation: &Operation, path: &str, method: &str) -> Option<Asked> {
        let account = operation.accesses.iter().find(|a| {
            a.kind == AccessKind::ReadOne
                && a.by.iter().any(|k| matches!(k.as_str(), "email" | "login" | "handle" | "device_key"))
        })?;
        if method != "POST" || !path.ends_with("/sessions") {
            return None;
        }
        let text = |most, example| Form::Text(Text { least: 1, most, pattern: "^[^\\r\\n]+$", example });
        let by_mail = account.by.iter().any(|k| *k == *"email");
        let named = if by_mail { "E-mail address." } else { "Login name." };
        let machine = account.by.iter().any(|k| *k == *"device_key");
        let fields = if machine {
            vec![plain(
                "device_key",
                token(128, "^[A-Za-z0-9_-]+$", "dk-7c2f0a91b4d8e6"),
                true,
                "Key that the device made when it was set up.",
            )]
        } else if self.options.tokens {
            vec![
                plain(
                    "code",
                    token(512, "^[A-Za-z0-9._~-]+$", "SplxlOBeZQQYbYS6WxSbIA"),
                    true,
                    "Authorization code from the identity provider.",
                ),
                plain(
                    "code_verifier",
                    Form::Text(Text {
                        least: 43,
                        most: 128,
                        pattern: "^[A-Za-z0-9._~-]+$",
                        example: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                    }),
                    true,
                    "Proof that the same client began the sign-in (PKCE).",
                ),
                plain("redirect_uri", Form::Url, true, "The address the code was sent to."),
            ]
        } else {
            vec![
                plain("login", text(320, "ada@example.com"), true, named),
                plain("password", text(128, "correct horse battery staple"), true, "Password."),
            ]
        };
        let body = self.records.object("sign in", "NewSession", "What proves who signs in.", fields);
        let answer = self.records.object(
            "session",
            "Session",
            "A session. Browsers get it as a cookie as well, which scripts cannot read.",
            vec![
                plain("id", Form::Uuid("session".to_owned()), true, "Identifier, for ending it."),
                plain(
                    &format!("{}_id", snake(account.entity.as_str())),
                    Form::Uuid(account.entity.as_str().to_owned()),
                    true,
                    "Who signed in.",
                ),
                plain("expires_at", Form::Time, true, "When it ends unless it is renewed (UTC)."),
            ],
        );
        let mut asked = Asked::new(None, Answer::Created(answer), Effect::None);
        asked.body = Some((body, true));
        Some(asked)
    }
}
