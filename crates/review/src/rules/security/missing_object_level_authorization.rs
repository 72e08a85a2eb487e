//! `missing-object-level-authorization`: an object is fetched by id with no check whose it is.

use loadcase_model::{Aspect, Id, Practice, Role, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "missing-object-level-authorization",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "An object is fetched by id with no check whose it is.",
    why: "Identifiers are guessed, counted or copied. Without the owner in the condition, each user can read or change the objects of all.",
    fires: "An operation takes an identifier from its path, query or body, loads or changes the object, and neither the owner, the tenant nor the signed-in user appears in the condition.",
    silent: "Objects that are public by nature, such as a catalogue: nothing that the component keeps refers to a person; systems in which nobody signs in; operations for administrators; operations whose handler could not be read.",
    fix: "Put the signed-in user or tenant into the query itself: `where id = ? and owner_id = ?`.",
    references: &["API1:2023", "CWE-639", "ASVS 8.2.2"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    // Where nobody signs in there is no owner to ask for: that is told as such.
    if !knows_users(subject) {
        return;
    }
    let open = subject.in_state(Aspect::ObjectOwnership, State::Absent).filter(|p| {
        let operation = p.operation.as_ref().and_then(|o| subject.blueprint().operations.get(o));
        let path = operation.and_then(|o| o.path.as_deref()).unwrap_or(&p.subject);
        let reads = operation.is_none_or(|o| o.method.as_deref().is_none_or(|m| m == "GET"));
        if reads && is_catalogue(path) {
            return false;
        }
        let owned = names_owned(path) || p.component.as_ref().is_none_or(|c| keeps_of_somebody(subject, c));
        !is_for_administrators(subject, p) && owned
    });
    let found = per_component(subject, open, Confidence::Medium, |name, all| {
        format!("{name} fetches objects by id without asking whose they are: {}", subjects(all, 4))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::ObjectOwnership, State::Present).for_each(|_| answers.kept());
    for (component, _) in subject.services() {
        let by_id =
            subject.operations_of(component).any(|(_, o)| o.path.as_deref().is_some_and(|p| p.contains('{')));
        if by_id && !subject.looked(component, Aspect::ObjectOwnership) {
            answers.unknown(component, "whether its handlers ask whose object it is");
        }
    }
}

/// Whether an operation is for administrators: its path says so, or it asks for such a role.
fn is_for_administrators(subject: &Subject<'_>, practice: &Practice) -> bool {
    let admin = |text: &str| text.to_ascii_lowercase().contains("admin");
    let operation = practice.operation.as_ref().and_then(|o| subject.blueprint().operations.get(o));
    let asks = subject.in_state(Aspect::Authorization, State::Present).any(|p| {
        p.operation.is_some() && p.operation == practice.operation && (admin(&p.detail) || admin(&p.subject))
    });
    let path = operation.and_then(|o| o.path.as_deref()).unwrap_or(&practice.subject);
    asks || path.split('/').any(|part| part.to_ascii_lowercase().starts_with("admin"))
}

/// Whether anything in the system asks who is calling, or signs people in.
fn knows_users(subject: &Subject<'_>) -> bool {
    let asks =
        [Aspect::Authentication, Aspect::Authorization, Aspect::TokenValidation, Aspect::ObjectOwnership];
    let signs_in = |path: &str| {
        let lower = path.to_ascii_lowercase();
        ["login", "signin", "sign-in", "authenticate", "token"].iter().any(|w| lower.contains(w))
    };
    asks.iter().any(|a| subject.in_state(*a, State::Present).next().is_some())
        || subject.practices(Aspect::LoginThrottling).next().is_some()
        || subject.components().any(|(id, _)| {
            subject.has_role(id, Role::AuthServer) || subject.has_role(id, Role::ResourceServer)
        })
        || subject.blueprint().operations.values().any(|o| o.path.as_deref().is_some_and(signs_in))
}

/// Whether a path is of what is there for all to read: `/products/{sku}`, `/catalogue/{id}`.
fn is_catalogue(path: &str) -> bool {
    const PUBLIC: &[&str] = &[
        "product",
        "catalog",
        "catalogue",
        "category",
        "categorie",
        "brand",
        "search",
        "image",
        "asset",
        "station",
        "new",
        "article",
        "menu",
    ];
    let words = path.split('/').filter(|p| !p.starts_with(['{', ':', '<']));
    let mut words = words.map(str::to_ascii_lowercase);
    words.any(|w| PUBLIC.contains(&w.trim_end_matches('s'))) && !names_owned(path)
}

/// Words of things that belong to one person among many, in the singular.
const OWNED: &[&str] = &[
    "user",
    "account",
    "customer",
    "member",
    "patient",
    "profile",
    "order",
    "cart",
    "basket",
    "payment",
    "invoice",
    "booking",
    "reservation",
    "appointment",
    "subscription",
    "wallet",
    "card",
    "address",
    "contact",
    "consign",
    "assurance",
    "ticket",
    "prescription",
];

/// Whether a path asks for what belongs to one person: `/orders/{id}`, `/refunds/{orderId}`.
fn names_owned(path: &str) -> bool {
    let is_owned = |word: &str| {
        let word = word.to_ascii_lowercase();
        OWNED.contains(&word.strip_suffix("es").unwrap_or(&word))
            || OWNED.contains(&word.trim_end_matches('s'))
    };
    let parts: Vec<&str> = path.split('/').collect();
    let is_parameter = |part: &str| part.starts_with(['{', ':', '<']);
    let named = parts.iter().filter(|p| is_parameter(p)).any(|p| {
        let name = p.trim_matches(['{', '}', ':', '<', '>']).to_ascii_lowercase().replace(['_', '-'], "");
        is_owned(["id", "name", "uuid"].iter().find_map(|s| name.strip_suffix(s)).unwrap_or(&name))
    });
    named || parts.windows(2).any(|pair| is_owned(pair[0]) && is_parameter(pair[1]))
}

/// Whether a field refers to a person: `user`, `ownerId`, `customer_name`.
fn refers_to_somebody(field: &str) -> bool {
    const PEOPLE: &[&str] = &[
        "user",
        "account",
        "owner",
        "customer",
        "client",
        "member",
        "author",
        "patient",
        "passenger",
        "tenant",
        "buyer",
        "seller",
        "driver",
    ];
    let plain = field.to_ascii_lowercase().replace(['_', '-'], "");
    let base = ["id", "name", "uuid", "ref"].iter().find_map(|s| plain.strip_suffix(s)).unwrap_or(&plain);
    PEOPLE.iter().any(|p| base.ends_with(p) || plain.ends_with(p))
}

/// Whether what a component keeps belongs to people: some of it refers to one, is such a thing by its name, or it
/// is not known what it keeps. That there are users does not make the rest theirs.
fn keeps_of_somebody(subject: &Subject<'_>, component: &Id) -> bool {
    let Some((component, _)) = subject.components().find(|(id, _)| *id == component) else { return true };
    let entities: Vec<_> = subject.entities_of(component).map(|(_, e)| e).collect();
    let is_person = |name: &str| {
        let plain = name.to_ascii_lowercase();
        ["user", "users", "account", "accounts", "userdetails"].iter().any(|w| plain.ends_with(w))
    };
    entities.is_empty()
        || entities.iter().any(|entity| {
            let name = entity.name.to_ascii_lowercase();
            let is_thing = OWNED[6..].iter().any(|w| name.contains(w));
            !is_person(&name)
                && (is_thing || entity.fields.iter().any(|f| refers_to_somebody(f.name.as_str())))
        })
}

#[cfg(test)]
mod tests {
    use loadcase_model::Sensitivity;

    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_lookup_by_id_alone_is_found() {
        let open = |path: &str| {
            let draft = Draft::new().service("cars").operation("cars", "POST", "/login");
            draft.practice("cars", Aspect::ObjectOwnership, State::Absent, path)
        };
        assert!(!open("/products/{sku}").breaks("missing-object-level-authorization"));
        let nobody = Draft::new().service("cars").practice(
            "cars",
            Aspect::ObjectOwnership,
            State::Absent,
            "/cars/{id}",
        );
        assert!(!nobody.breaks("missing-object-level-authorization"), "nobody signs in");
        let draft = open("GET /cars/{id}");
        assert_eq!(
            draft.find("missing-object-level-authorization")[0].message,
            "cars fetches objects by id without asking whose they are: GET /cars/{id}"
        );
    }

    #[test]
    fn a_catalogue_belongs_to_nobody() {
        let keeps = |entity: &str, field: &str| {
            let draft = Draft::new().service("x").operation("x", "POST", "/login");
            let draft = draft.practice("x", Aspect::ObjectOwnership, State::Absent, "/x/{id}");
            let draft = draft.entity("x", entity, None, &[(field, Sensitivity::Personal)]);
            draft.breaks("missing-object-level-authorization")
        };
        assert!(!keeps("station", "phone"));
        assert!(!keeps("user", "username"));
        assert!(keeps("station", "owner_id"));
        assert!(keeps("order", "total"));
        assert!(names_owned("/api/v1/users/{name}") && names_owned("/addresses/{id}"));
        assert!(names_owned("/refunds/{orderId}"));
        assert!(!names_owned("/user-info/{id}") && !names_owned("/wallet/credentials/{id}"));
    }

    #[test]
    fn a_lookup_with_the_owner_is_kept() {
        let draft = Draft::new().service("cars").practice(
            "cars",
            Aspect::ObjectOwnership,
            State::Present,
            "/cars/{id}",
        );
        assert!(!draft.breaks("missing-object-level-authorization"));
    }
}
