//! What reaches the terminal: results on standard output, everything else on standard error.

use std::io::{IsTerminal, Write};

use loadcase_model::Diagnostic;
use loadcase_publish::Screen;

use crate::args::Color;
use crate::error::CommandError;

/// Prints a result. A closed pipe is no error.
pub(crate) fn result(text: &str) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    let written = out
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") });
    match written.and_then(|()| out.flush()) {
        Err(source) if source.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CommandError::Io { doing: "write to", path: "standard output".to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Prints a result as indented JSON, written as it is made: that of a large repository is large.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<(), CommandError> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let written = serde_json::to_writer_pretty(&mut out, value)
        .map_err(std::io::Error::from)
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush());
    match written {
        Err(source) if source.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CommandError::Io { doing: "write to", path: "standard output".to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Prints a line about progress or what was done.
pub(crate) fn message(text: &str) {
    // Nothing can be done about a standard error that is gone.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Says so where a repository held nothing that can be read: no finding is then no praise.
pub(crate) fn note_nothing_read(folder: &std::path::Path, files: usize) {
    if files == 0 {
        message(&format!("note: {} holds no file that is read: is it the repository?", folder.display()));
    }
}

/// Prints a diagnostic that does not stop the command, with the line it is about.
pub(crate) fn note(name: &str, source: &str, diagnostic: &Diagnostic) {
    message(&rendered(name, source, diagnostic));
}

/// Prints why a command stopped, and what to do.
pub(crate) fn complain(error: &CommandError, color: Color) {
    let text = match error {
        CommandError::Input { name, source_text, diagnostic } => rendered(name, source_text, diagnostic),
        other => {
            let help = other.help().map_or_else(String::new, |h| format!("\n  = help: {h}"));
            steady(&format!("error: {}{help}", without_number(&other.to_string())))
        }
    };
    let painted = coloured(color, std::io::stderr().is_terminal());
    message(&if painted { text.replacen("error", "\u{1b}[1;31merror\u{1b}[0m", 1) } else { text });
}

/// `path:line:column: error[code]: message`, the line with a marker, and the help.
fn rendered(name: &str, source: &str, diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.one_line(name, source);
    if let Some(label) = &diagnostic.label {
        let position = label.span.position(source);
        if let Some(line) = source.lines().nth(position.line - 1) {
            let shown: String = line.chars().take(160).collect();
            let width = label.span.of(source).chars().count().clamp(1, 60);
            let margin = position.line.to_string().len();
            let mark =
                format!("{}{}", " ".repeat(position.column.saturating_sub(1).min(160)), "^".repeat(width));
            text.push_str(&format!(
                "\n{:margin$} |\n{} | {shown}\n{:margin$} | {mark} {}",
                "", position.line, "", label.text
            ));
        }
    }
    if let Some(help) = &diagnostic.help {
        text.push_str(&format!("\n  = help: {help}"));
    }
    steady(text.trim_end())
}

/// Text of files and arguments, without what could steer a terminal.
fn steady(text: &str) -> String {
    let plain = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
    text.chars().map(plain).collect()
}

/// An error of the system without its number, which tells users nothing.
fn without_number(text: &str) -> String {
    match text.split_once(" (os error ") {
        Some((before, after)) => {
            let rest = after.split_once(')').map_or("", |(_, rest)| rest);
            format!("{before}{rest}")
        }
        None => text.to_owned(),
    }
}

/// How the first screen is drawn here.
pub(crate) fn screen(color: Color, full: bool) -> Screen {
    let terminal = std::io::stdout().is_terminal();
    Screen { color: coloured(color, terminal), unicode: unicode(), width: width(terminal), full }
}

fn coloured(color: Color, terminal: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
            !set("NO_COLOR") && (set("FORCE_COLOR") || set("CLICOLOR_FORCE") || terminal)
        }
    }
}

/// Whether the locale speaks UTF-8.
fn unicode() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
        .is_some_and(|v| v.to_ascii_lowercase().replace('-', "").contains("utf8"))
}

fn width(terminal: bool) -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|v| v.parse::<usize>().ok());
    match columns {
        Some(columns) if terminal => columns.clamp(60, 120),
        _ => 96,
    }
}
