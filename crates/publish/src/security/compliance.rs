//! What regimes ask for, where the brief says that they apply.

use loadcase_model::Sensitivity;

use super::checks::{Answer, Check, check, fields_of, several};
use crate::view::View;

/// A regime: the signals that call for it, and its points with their references.
struct Regime {
    signals: &'static [&'static str],
    name: &'static str,
    points: &'static [(&'static str, &'static str)],
}

const REGIMES: &[Regime] = &[
    Regime {
        signals: &["gdpr"],
        name: "GDPR",
        points: &[
            (
                "A record of what personal data is processed, why, and on which legal ground",
                "GDPR Art. 30, Art. 6",
            ),
            (
                "People can get, correct, take along and erase their data",
                "GDPR Art. 15, Art. 16, Art. 17, Art. 20",
            ),
            (
                "A contract with everybody who processes data for you, a list of them, and a ground for each transfer out of the EU, owners in other countries included",
                "GDPR Art. 28, Art. 44",
            ),
            (
                "A breach is reported to the authority within seventy-two hours of being known, and to people where the risk is high; who processes for others tells them without delay",
                "GDPR Art. 33, Art. 34",
            ),
            (
                "What was erased stays erased after a restore: a list of erasures is applied to every backup that comes back",
                "GDPR Art. 17, Art. 32",
            ),
        ],
    },
    Regime {
        signals: &["hipaa", "health-data"],
        name: "HIPAA",
        points: &[
            ("Business associate agreements with every provider that sees health data", "HIPAA §164.504"),
            ("Each access to health data is attributed to a person and recorded", "HIPAA §164.312"),
            ("Emergency access works, and each use of it is reviewed", "HIPAA §164.312"),
        ],
    },
    Regime {
        signals: &["pci-dss", "card-data"],
        name: "PCI DSS",
        points: &[
            (
                "Card numbers go straight to the payment provider; only its tokens are stored",
                "PCI DSS 3.2.1, 3.5.1",
            ),
            ("The verification code is stored nowhere, not even in logs", "PCI DSS 3.3.1"),
            (
                "A data-flow diagram shows where account data goes, and the scope is confirmed each year",
                "PCI DSS 1.2.4, 12.5.2",
            ),
            ("Audit events are protected and kept for a year", "PCI DSS 10.3.1, 10.5.1"),
        ],
    },
    Regime {
        signals: &["soc2"],
        name: "SOC 2",
        points: &[
            (
                "Changes, access grants and incidents leave evidence that an auditor can sample",
                "SOC 2 CC6.1, CC7.3, CC8.1",
            ),
            ("Access is reviewed each quarter and removed when people leave", "SOC 2 CC6.2, CC6.3"),
        ],
    },
    Regime {
        signals: &["iso-27001"],
        name: "ISO 27001",
        points: &[(
            "Risks, owners and controls of this system are in the statement of applicability",
            "ISO 27001:2022",
        )],
    },
    Regime {
        signals: &["children"],
        name: "Children's data",
        points: &[
            (
                "Age is asked before data is collected, and parents consent where the law asks for it",
                "GDPR Art. 8, COPPA",
            ),
            ("No profile is public and nothing is shared unless switched on", "GDPR Art. 25"),
        ],
    },
];

/// Who processes personal data for the companies that are its customers.
const PROCESSOR: Regime = Regime {
    signals: &["gdpr"],
    name: "GDPR, as processor",
    points: &[
        (
            "A contract with every customer says what is processed, by which sub-processors, and what becomes of the data at its end",
            "GDPR Art. 28",
        ),
        ("A record of what is processed for each customer", "GDPR Art. 30"),
    ],
};

/// Who takes, holds or pays out money of others in the European Union.
const MONEY_IN_EUROPE: Regime = Regime {
    signals: &["gdpr", "eu-hosting"],
    name: "Payments in the EU",
    points: &[
        (
            "An authorisation of one's own, or a contract as agent of somebody who has one; which of the two is written down",
            "PSD2 Art. 11, Art. 19",
        ),
        (
            "Money of others is kept apart in safeguarded accounts, and compared with what is owed every business day",
            "PSD2 Art. 10",
        ),
        (
            "Payers are authenticated by two factors bound to amount and payee (for cards: Three-Domain Secure); exemptions are asked for and recorded",
            "PSD2 Art. 97",
        ),
        (
            "An unauthorised payment can be disputed for thirteen months, a direct debit refunded for eight weeks: references and evidence are kept that long",
            "PSD2 Art. 71, Art. 77",
        ),
        (
            "Name and account of the payee are compared before a credit transfer in euro is sent",
            "Instant Payments Regulation",
        ),
        (
            "Merchants and their owners are identified and screened before money moves and again later; suspicions are reported",
            "AMLD, then AMLR",
        ),
        (
            "Major incidents are classified and reported, recovery is tested, and providers of hosting are in a register with a way out",
            "DORA Art. 11, Art. 19, Art. 28",
        ),
        (
            "The scope of the card rules is written down, with the questionnaire or report that follows from it, and confirmed every six months and after each significant change, as service providers must",
            "PCI DSS 12.5.2, 12.5.2.1",
        ),
    ],
};

/// Whether money of others is held or paid out, said or implied by the kind of product.
fn holds_money(view: &View<'_>) -> bool {
    const SIGNALS: &[&str] = &["money-movement", "marketplace-payouts"];
    let domain = view.design.brief.domains.first().and_then(|d| view.catalog.domains.get(&d.id));
    let implied = domain.is_some_and(|d| d.implies.iter().any(|s| SIGNALS.contains(&s.as_str())));
    view.money_moves() && (view.signal(SIGNALS) || implied)
}

/// The points of the regimes that apply.
pub(super) fn checks(view: &View<'_>) -> Vec<Check> {
    let private = fields_of(view, |s| s >= Sensitivity::Personal);
    let applies_to = if private.is_empty() { "the whole system".to_owned() } else { several(&private) };
    let processor = Some(&PROCESSOR).filter(|_| view.signal(&["multi-tenant"]));
    let money = Some(&MONEY_IN_EUROPE).filter(|_| holds_money(view));
    let applying = REGIMES.iter().chain(processor).chain(money).filter(|r| view.signal(r.signals));
    let points = |regime: &'static Regime| regime.points.iter().enumerate().map(move |point| (regime, point));
    applying
        .flat_map(points)
        .map(|(regime, (n, (point, reference)))| {
            // What is about people stands with the first point; the others are about all of it.
            let applies_to = if n == 0 && REGIMES.iter().any(|r| r.name == regime.name) {
                applies_to.clone()
            } else {
                "the whole system".to_owned()
            };
            check(&format!("{}: {point}", regime.name), applies_to, Answer::Team, reference)
        })
        .collect()
}
