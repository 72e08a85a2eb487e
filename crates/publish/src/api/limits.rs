//! Constraints of a type in words, for languages that cannot state them.

use super::contract::{Form, Text};
use super::form::LARGEST;
use super::known::EXACT;

/// `1 to 120 characters, ^[a-z]+$`; empty when there is nothing to add to the type.
pub(crate) fn in_words(form: &Form) -> String {
    match form {
        Form::Text(Text { least, most, pattern, .. }) => {
            let shown = if pattern.starts_with("^[^") || pattern.starts_with("^[\\s\\S]") {
                String::new()
            } else {
                format!(", as in {pattern}")
            };
            if least == most {
                format!("{most} characters{shown}.")
            } else {
                format!("{least} to {most} characters{shown}.")
            }
        }
        Form::Integer(least, most) if *most >= EXACT => format!("From {least}."),
        Form::Integer(least, most) => format!("From {least} to {most}."),
        Form::Money(0, EXACT) => "Not negative.".to_owned(),
        Form::Money(least, EXACT) if *least > 0 => format!("From {least}."),
        Form::Money(least, most) if *most < EXACT => format!("From {least} to {most}."),
        Form::Float(least, most) if *most < LARGEST => format!("From {least} to {most}."),
        Form::Decimal => "Decimal digits with at most 18 after the point.".to_owned(),
        Form::Currency => "Three capital letters.".to_owned(),
        Form::Uuid(_) => "A UUID.".to_owned(),
        Form::Date => "As 2026-03-02.".to_owned(),
        Form::Email => "An e-mail address of at most 320 characters.".to_owned(),
        Form::Url => "An address of at most 2048 characters.".to_owned(),
        Form::List(_, most) | Form::Documents(most) => format!("At most {most}."),
        _ => String::new(),
    }
}
