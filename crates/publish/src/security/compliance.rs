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
                "Contracts with everybody who processes data for you, and a check where it leaves the EU",
                "GDPR Art. 28, Art. 44",
            ),
            ("A breach is reported to the authority within three days of being noticed", "GDPR Art. 33"),
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

/// The points of the regimes that apply.
pub(super) fn checks(view: &View<'_>) -> Vec<Check> {
    let private = fields_of(view, |s| s >= Sensitivity::Personal);
    let applies_to = if private.is_empty() { "the whole system".to_owned() } else { several(&private) };
    let applying = REGIMES.iter().filter(|r| view.signal(r.signals));
    applying
        .flat_map(|regime| regime.points.iter().map(move |(point, reference)| (regime, *point, *reference)))
        .map(|(regime, point, reference)| {
            check(&format!("{}: {point}", regime.name), applies_to.clone(), Answer::Team, reference)
        })
        .collect()
}
