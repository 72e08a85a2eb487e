//! Asking what could change the answer, on a terminal only: at most six questions, each with why and a default.

use std::io::{BufRead, IsTerminal, Write};

use loadcase_engine::{DesignOptions, Session};
use loadcase_model::{Brief, Design};

use crate::error::CommandError;
use crate::terminal;

/// Whether there is somebody to ask.
pub(crate) fn possible(no_input: bool) -> bool {
    !no_input && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks the questions of a design and designs again with the answers.
pub(crate) fn conduct(
    session: &Session,
    brief: &mut Brief,
    mut design: Design,
    options: &DesignOptions,
) -> Result<Design, CommandError> {
    if design.questions.is_empty() {
        return Ok(design);
    }
    terminal::message(
        "Answers that could change the design. Enter keeps the assumption; a / b means now / in 24 months.",
    );
    let mut answered = false;
    for question in design.questions.clone() {
        let Some(line) = prompt(&question.ask, &question.why, &question.default.tagged()) else { break };
        let answer = line.trim();
        if answer.is_empty() || answer.eq_ignore_ascii_case("don't know") || answer == "?" {
            continue;
        }
        match session.answered(question.input.slug(), answer) {
            Ok(read) => {
                brief.numbers.extend(read.numbers);
                answered = true;
            }
            Err(message) => terminal::message(&format!("  not understood, the assumption stays: {message}")),
        }
    }
    if answered {
        design = session.design(brief, options)?;
    }
    Ok(design)
}

fn prompt(ask: &str, why: &str, default: &str) -> Option<String> {
    let mut err = std::io::stderr().lock();
    write!(err, "? {ask}  [{default}]\n    why: {why}\n> ").and_then(|()| err.flush()).ok()?;
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line).ok()?;
    (read > 0).then_some(line)
}
