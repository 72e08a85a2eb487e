//! What requests may say: only what is the caller's, and only what the schema takes.

use std::sync::OnceLock;

use loadcase_model::{Design, FieldType};
use loadcase_publish::contracts::{Call, CallKind, Contract, Form, Options, Record, Style, Way, contract};
use loadcase_publish::deliverables;

use crate::fixture;

fn all() -> &'static [(Design, Contract)] {
    static ALL: OnceLock<Vec<(Design, Contract)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let designs = fixture::domains().1.into_iter();
        designs
            .map(|d| (contract(&d.blueprint, Options { style: Style::Rest, tokens: false }), d))
            .map(|(c, d)| (d, c))
            .collect()
    })
}

/// The contract of the product that has an entity.
fn of(entity: &str) -> &'static Contract {
    let found = all().iter().find(|(d, _)| d.blueprint.entities.contains_key(entity));
    &found.unwrap_or_else(|| panic!("no product has {entity}")).1
}

fn call<'a>(contract: &'a Contract, operation: &str) -> &'a Call {
    let found = contract.calls.iter().find(|c| c.operation.as_ref().is_some_and(|o| *o == *operation));
    found.unwrap_or_else(|| panic!("no {operation}"))
}

fn body<'a>(contract: &'a Contract, operation: &str) -> &'a Record {
    let (name, _) =
        call(contract, operation).body.as_ref().unwrap_or_else(|| panic!("{operation} has no body"));
    contract.record(name)
}

fn names(record: &Record) -> Vec<&str> {
    record.fields.iter().map(|f| f.name.as_str()).collect()
}

/// A record and those inside it.
fn whole<'a>(contract: &'a Contract, record: &'a Record) -> Vec<&'a Record> {
    let mut found = vec![record];
    for field in &record.fields {
        if let Form::List(of, _) = &field.form
            && let Form::Record(name) = &**of
        {
            found.push(contract.record(name));
        }
    }
    found
}

#[test]
fn a_body_holds_what_its_operation_takes_and_nothing_else() {
    let social = of("feed-entry");
    assert_eq!(names(body(social, "edit-post")), ["body", "visibility"]);
    assert!(!names(body(social, "change-profile")).contains(&"status"));
    let iot = of("firmware-rollout");
    assert_eq!(names(body(iot, "report-state")), ["reported"]);
    assert_eq!(names(body(iot, "report-firmware")), ["firmware_version", "outcome", "reason"]);
    assert_eq!(names(body(iot, "renew-certificate")), ["certificate_request"]);
    assert!(!names(body(iot, "start-rollout")).contains(&"state"));
    let payments = of("dispute-evidence");
    let merchant = body(payments, "register-merchant");
    assert!(names(merchant).iter().all(|n| !n.contains("basis_points")), "{:?}", names(merchant));
    let checks = whole(payments, merchant).pop().expect("a record");
    assert_eq!(names(checks), ["subject_name", "birth_date", "nationality"]);
    let tenants = of("sign-in-domain");
    assert_eq!(names(body(tenants, "claim-domain")), ["domain"]);
    assert!(call(of("queue-entry"), "enter-queue").body.is_none());
}

#[test]
fn what_the_server_keeps_is_nobodys_to_set() {
    let mut seen = 0;
    for (design, contract) in all() {
        for call in contract.calls.iter().filter(|c| c.kind == CallKind::Command) {
            let (Some((name, _)), Some(id)) = (&call.body, &call.operation) else { continue };
            let at = format!("{}: {id}", design.blueprint.name);
            let said = design.blueprint.operations[id].takes.is_some();
            let sent = whole(contract, contract.record(name));
            for field in sent.iter().flat_map(|r| &r.fields) {
                seen += 1;
                let ends = |list: &[&str]| {
                    list.iter().any(|w| field.name == *w || field.name.ends_with(&format!("_{w}")))
                };
                assert!(!ends(&["hash", "verified_at"]), "{at} takes {}", field.name);
                // Terms are the house's to set.
                let house = said && call.access.roles == ["operator"];
                assert!(house || !ends(&["basis_points"]), "{at} takes {}", field.name);
                // A state changes by the operation that changes it, which says so.
                assert!(
                    said || !ends(&["state", "status", "screening", "verification"]),
                    "{at} takes {}",
                    field.name
                );
                let rank = call.access.roles.is_empty() && ends(&["role", "fee", "quota", "plan"]);
                assert!(!rank, "anybody may set {} by {at}", field.name);
            }
        }
    }
    assert!(seen > 300, "only {seen} fields");
}

/// The numbers of a column's checks: longest text, smallest and largest number.
fn checks(schema: &str, table: &str, column: &str) -> Option<(Option<i64>, Option<i64>, Option<i64>)> {
    let quoted = |name: &str| [format!("{name} "), format!("\"{name}\" ")];
    let starts = quoted(table).map(|t| format!("CREATE TABLE {t}("));
    let start = starts.iter().find_map(|s| schema.find(s.as_str()))?;
    let text = &schema[start..];
    let text = &text[..text.find("\n)")?];
    let line =
        text.lines().find(|l| quoted(column).iter().any(|c| l.trim_start().starts_with(c.as_str())))?;
    let after = |word: &str| -> Option<i64> {
        let rest = &line[line.find(word)? + word.len()..];
        rest.chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect::<String>().parse().ok()
    };
    let longest = line.contains("char_length(").then(|| after(") <= ")).flatten();
    let between = after("BETWEEN ");
    let most = between.and_then(|_| after(" AND ")).or_else(|| after(&format!("{column} <= ")));
    Some((longest, between.or_else(|| after(" >= ")), most))
}

#[test]
fn no_contract_takes_more_than_its_schema() {
    let (catalog, _) = fixture::domains();
    let mut compared = 0;
    for (design, contract) in all() {
        let files = deliverables(design, &catalog);
        let schema = &files.iter().find(|f| f.path == "schema.sql").expect("a schema").text;
        for (record, field) in contract.records.iter().flat_map(|(n, r)| r.fields.iter().map(move |f| (n, f)))
        {
            let Some((longest, least, most)) = checks(schema, &field.owner.replace('-', "_"), &field.name)
            else {
                continue;
            };
            let at = format!("{} {record}.{}: {:?}", design.blueprint.name, field.name, field.form);
            match &field.form {
                Form::Text(text) => {
                    compared += 1;
                    assert!(
                        longest.is_none_or(|l| i64::from(text.most) <= l),
                        "{at}, the schema takes {longest:?}"
                    );
                }
                Form::Integer(low, high) | Form::Money(low, high) => {
                    compared += 1;
                    assert!(least.is_none_or(|l| *low >= l), "{at}, the schema takes from {least:?}");
                    assert!(most.is_none_or(|m| *high <= m), "{at}, the schema takes to {most:?}");
                }
                _ => {}
            }
        }
    }
    assert!(compared > 600, "only {compared}");
}

#[test]
fn the_blueprints_own_bounds_count() {
    let (design, contract) =
        all().iter().find(|(d, _)| d.blueprint.entities.contains_key("dispute-evidence")).expect("payments");
    let bounded = design.blueprint.entities["refund"]
        .fields
        .iter()
        .find(|f| f.kind == FieldType::Money)
        .expect("an amount");
    let least = bounded.min.expect("a bound");
    let refund = body(contract, "refund-payment");
    let amount = refund.fields.iter().find(|f| f.name == bounded.name.as_str()).expect("an amount");
    assert!(matches!(amount.form, Form::Money(low, _) if low == least), "{:?}", amount.form);
}

#[test]
fn an_intake_is_a_batch_with_the_times_of_its_sender() {
    let iot = of("firmware-rollout");
    let sent = call(iot, "send-readings");
    assert!(sent.batch);
    let reading = whole(iot, body(iot, "send-readings")).pop().expect("a record");
    let time = reading.fields.iter().find(|f| f.name == "measured_at").expect("its own time");
    assert!(time.required && time.about.contains("ahead of the server's clock"), "{}", time.about);
}

#[test]
fn a_job_is_told_what_its_starter_knows() {
    let job = |entity: &str, id: &str| -> (Vec<String>, Vec<String>) {
        let contract = of(entity);
        let message =
            contract.messages.iter().find(|m| m.operation == *id).unwrap_or_else(|| panic!("no {id}"));
        assert_eq!(message.way, Way::Job);
        let record = contract.record(&message.records[0]);
        let of = |required: bool| {
            record.fields.iter().filter(|f| f.required == required).map(|f| f.name.clone()).collect()
        };
        (of(true), of(false))
    };
    let (needed, more) = job("dispute-evidence", "apply-provider-event");
    assert_eq!(needed, ["provider_event_id", "requested_at"], "{more:?}");
    // Inquiries start it too, and know what they asked about.
    let asked = ["tenant_id", "payment_id", "refund_id", "payout_id", "dispute_id", "verification_check_id"];
    assert!(more.iter().all(|f| asked.contains(&f.as_str())), "{more:?}");
    let (needed, _) = job("firmware-rollout", "evaluate-rules");
    assert!(needed.contains(&"readings".to_owned()), "{needed:?}");
    let (needed, more) = job("dispute-evidence", "send-payout");
    assert!(needed.contains(&"payout_id".to_owned()), "{needed:?}");
    assert!(![needed, more].concat().contains(&"ledger_account_id".to_owned()));
}

#[test]
fn a_message_of_another_system_keeps_its_own_form() {
    let mut seen = 0;
    for (design, contract) in all() {
        let document =
            loadcase_publish::contracts::openapi(contract, loadcase_publish::contracts::Version::V31);
        let document = document.expect("a contract");
        for call in contract.calls.iter().filter(|c| c.kind == CallKind::Webhook) {
            seen += 1;
            let operation = &document["paths"][call.path.as_str()]["post"];
            let at = format!("{} {}: {operation:#}", design.blueprint.name, call.path);
            assert!(!operation.to_string().contains("Webhook-Id"), "{at}");
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let schema = document
                .pointer(schema.as_str().expect("a record").trim_start_matches('#'))
                .expect("it is there");
            let any = jsonschema::draft202012::new(schema).expect("a schema");
            assert!(
                any.is_valid(&serde_json::json!([{"object": "event", "created": 1_772_443_800}])),
                "{at}"
            );
        }
    }
    assert!(seen > 5, "only {seen}");
}

#[test]
fn each_way_in_asks_for_one_role_of_those_who_have_that_proof() {
    for (design, contract) in all() {
        for call in &contract.calls {
            for (scheme, roles) in &call.access.ways {
                assert!(roles.len() <= 2, "{}: {roles:?}", call.name);
                for role in roles.iter().filter(|r| design.blueprint.actors.contains_key(r.as_str())) {
                    let by = design.blueprint.actors[role.as_str()]
                        .authenticates_by
                        .as_ref()
                        .expect("a proof")
                        .as_str();
                    let machine = by.contains("api-key");
                    assert!(
                        !machine || scheme.name() == "apiKey",
                        "{}: {role} by {}",
                        call.name,
                        scheme.name()
                    );
                }
            }
            let open = call.access.roles.is_empty();
            assert!(open || !call.access.ways.is_empty(), "{}", call.name);
        }
    }
}
