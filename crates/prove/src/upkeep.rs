//! Whether time passes: what is due starts, what is too old goes, with the rights of whoever calls.

use loadcase_model::{Outcome, Proof};

use crate::input::Upkeep;
use crate::session::{Answer, Session, ident};

/// Most calls of one function: more means that it does not come to an end.
const CALLS: usize = 5_000;

/// Calls a function until there is nothing left to do, in a transaction that is rolled back.
pub(crate) fn try_upkeep(session: &mut Session, upkeep: &Upkeep) -> Proof {
    let done = session.rolled_back(|session| {
        session.run(&format!("SET LOCAL ROLE {}", ident(&upkeep.role)))?;
        if let Some(before) = &upkeep.before {
            session.run(before)?;
        }
        call(session, upkeep)
    });
    let (outcome, seen) = match done {
        Ok((_, None)) => (Outcome::Fails, format!("it still finds something to do after {CALLS} calls")),
        Ok((_, Some(left))) if left > 0.0 => (Outcome::Fails, format!("it answers 0, and {left} are left")),
        Ok((done, _)) if done <= 0.0 => (Outcome::Unproven, "nothing was due".to_owned()),
        Ok(_) => (Outcome::Holds, String::new()),
        Err(fault) => (Outcome::Fails, fault.to_string()),
    };
    Proof { subject: upkeep.name.clone(), claim: upkeep.claim.clone(), outcome, seen }
}

/// How much was done, and how much is left when nothing more is: absent where it has no end.
fn call(session: &mut Session, upkeep: &Upkeep) -> Answer<(f64, Option<f64>)> {
    let mut all = 0.0;
    for _ in 0..CALLS {
        let done = session.number(&upkeep.statement)?;
        if done <= 0.0 {
            return Ok((all, Some(session.number(&upkeep.left)?)));
        }
        all += done;
    }
    Ok((all, None))
}
